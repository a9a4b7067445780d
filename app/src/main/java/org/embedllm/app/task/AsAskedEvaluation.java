package org.embedllm.app.task;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.embedllm.app.cli.Json;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.correctness.Question;
import org.embedllm.forecast.Estimate;
import org.embedllm.forecast.Interval;
import org.embedllm.onnx.Encoders;
import org.embedllm.question.PromptVariant;
import org.embedllm.question.QuestionVectors;
import org.embedllm.routing.CallCosts;
import org.jspecify.annotations.Nullable;

/// A model file measured on the same questions asked as people ask them ([PromptVariant]), the
/// answers taken as the same. Numbers are means over the variants; so are the ends of their
/// intervals, because all variants ask the same questions.
///
/// @param byVariant what was measured, by variant
/// @param sameChoice how often the chosen model is that of the text as it is, in [0, 1]
public record AsAskedEvaluation(Map<PromptVariant, PoolEvaluation> byVariant, double sameChoice) {
  /// Most validation questions that are asked again.
  static final int MOST_VALIDATION = 400;

  public AsAskedEvaluation {
    byVariant = new LinkedHashMap<>(byVariant);
  }

  /// Makes vectors of questions.
  @FunctionalInterface
  public interface Vectors {
    /// In the order of the questions.
    QuestionVectors of(List<Question> questions) throws IOException;
  }

  /// Measures every variant.
  ///
  /// @param plain the same questions as they are
  /// @param costs of calls, as far as they are known
  public static AsAskedEvaluation of(
      ModelArtifact artifact,
      Optional<TrainingQuestions> questions,
      PoolEvaluation plain,
      CallCosts costs,
      Vectors vectors)
      throws IOException {
    Map<PromptVariant, PoolEvaluation> byVariant = new LinkedHashMap<>();
    double same = 0;
    int count = 0;
    for (PromptVariant variant : PromptVariant.values()) {
      PoolEvaluation.Asked changed = asked(plain.asked(), variant, vectors);
      PoolEvaluation evaluation =
          PoolEvaluation.of(
              artifact,
              questions,
              plain.withoutQuestions(),
              changed,
              Optional.empty(),
              List.of(),
              costs);
      byVariant.put(variant, evaluation);
      for (int j = 0; j < plain.choices().size(); j++) {
        if (plain.choices().get(j) >= 0) {
          same += evaluation.choices().get(j).equals(plain.choices().get(j)) ? 1 : 0;
          count++;
        }
      }
    }
    return new AsAskedEvaluation(byVariant, count == 0 ? Double.NaN : same / count);
  }

  /// Why questions cannot be asked again: they have no texts, or the model's vectors come from
  /// elsewhere and no encoder here makes them. Empty where they can.
  public static Optional<String> impossible(ModelArtifact artifact, List<Question> questions) {
    if (questions.stream().allMatch(q -> q.text().isBlank())) {
      return Optional.of("the questions have no texts");
    }
    return Encoders.isOfImportedVectors(artifact.encoder().name())
        ? Optional.of("the vectors came with the data, and no encoder here makes them")
        : Optional.empty();
  }

  /// At most [#MOST_VALIDATION] questions in every variant, for a recommendation.
  public static List<PoolEvaluation.Asked> asked(PoolEvaluation.Asked all, Vectors vectors)
      throws IOException {
    int n = all.answers().questionCount();
    int count = Math.min(MOST_VALIDATION, n);
    int[] some = IntStream.range(0, count).map(i -> (int) ((long) i * n / count)).toArray();
    PoolEvaluation.Asked fewer =
        new PoolEvaluation.Asked(
            all.split(),
            all.answers().selectQuestions(some),
            all.vectors().select(some),
            all.usage().selectQuestions(some),
            all.seed(),
            all.withheld());
    List<PoolEvaluation.Asked> variants = new ArrayList<>();
    for (PromptVariant variant : PromptVariant.values()) {
      variants.add(asked(fewer, variant, vectors));
    }
    return variants;
  }

  private static PoolEvaluation.Asked asked(
      PoolEvaluation.Asked plain, PromptVariant variant, Vectors vectors) throws IOException {
    List<Question> changed =
        plain.answers().questions().stream()
            .map(q -> new Question(q.id(), variant.of(q.text()), q.benchmark(), q.attributes()))
            .toList();
    return new PoolEvaluation.Asked(
        plain.split(),
        plain.answers(),
        vectors.of(changed),
        plain.usage(),
        plain.seed(),
        plain.withheld());
  }

  /// A number, averaged over the variants.
  public Estimate mean(Function<PoolEvaluation, Estimate> number) {
    List<Estimate> all = new ArrayList<>();
    byVariant.values().forEach(evaluation -> all.add(number.apply(evaluation)));
    return new Estimate(
        mean(all, Estimate::value),
        new Interval(mean(all, e -> e.interval().low()), mean(all, e -> e.interval().high())));
  }

  private static double mean(List<Estimate> all, Function<Estimate, Double> end) {
    return all.stream().mapToDouble(end::apply).average().orElse(Double.NaN);
  }

  /// The largest share of calls that one model gets.
  public double largestShare() {
    return byVariant.values().stream()
        .mapToDouble(evaluation ->
            evaluation.routes().share().values().stream().mapToDouble(s -> s).max().orElse(0))
        .average()
        .orElse(Double.NaN);
  }

  /// The JSON of `asAsked`.
  public Map<String, @Nullable Object> document() {
    PoolEvaluation first = byVariant.values().iterator().next();
    Json baselines =
        new Json()
            .put("majorityPerModel", mean(e -> e.forecasts().majorityPerModel()))
            .put(
                "majorityPerModelAndBenchmark",
                mean(e -> e.forecasts().majorityPerModelAndBenchmark()));
    if (first.forecasts().neighbors().isPresent()) {
      baselines.put(
          "knn",
          new Json()
              .put("k", first.forecasts().neighbors().get().k())
              .put("accuracy", mean(e -> e.forecasts().neighbors().orElseThrow().accuracy())));
    }
    Json routing =
        new Json()
            .put("router", mean(e -> e.routes().router()))
            .put(
                "singleBest",
                new Json()
                    .put("model", first.routes().singleBestModel())
                    .put("accuracy", mean(e -> e.routes().singleBest())))
            .put("routerMinusSingleBest", mean(e -> e.routes().gain()))
            .put("oracle", mean(e -> e.routes().oracle()))
            .put("largestShare", largestShare());
    if (first.routes().neighbors().isPresent()) {
      routing.put("knn", mean(e -> e.routes().neighbors().orElseThrow()));
    }
    if (first.table().isPresent()) {
      baselines.put("table", mean(e -> e.table().orElseThrow().accuracy()));
      routing.put("table", mean(e -> e.table().orElseThrow().router()));
    }
    Json variants = new Json();
    byVariant.forEach((variant, evaluation) ->
        variants.put(
            variant.label(),
            new Json()
                .put("accuracy", evaluation.forecasts().accuracy())
                .put("logLoss", evaluation.forecasts().logLoss())
                .put("router", evaluation.routes().router())));
    return new Json()
        .put(
            "forecast",
            new Json()
                .put("accuracy", mean(e -> e.forecasts().accuracy()))
                .put("logLoss", mean(e -> e.forecasts().logLoss()))
                .put("brier", mean(e -> e.forecasts().brier()))
                .put(
                    "calibrationError",
                    byVariant.values().stream()
                        .mapToDouble(e -> e.forecasts().calibration().error())
                        .average()
                        .orElse(Double.NaN))
                .put("baselines", baselines))
        .put("routing", routing)
        .put("sameChoice", sameChoice)
        .put("variants", variants)
        .document();
  }
}
