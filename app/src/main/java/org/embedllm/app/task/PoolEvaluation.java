package org.embedllm.app.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.app.cli.Json;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.ObservedUsage;
import org.embedllm.correctness.SplitPart;
import org.embedllm.correctness.UsageQuantity;
import org.embedllm.forecast.CorrectnessForecaster;
import org.embedllm.forecast.ForecastEvaluation;
import org.embedllm.forecast.NeighborVotes;
import org.embedllm.linalg.Logistic;
import org.embedllm.neighbors.NearestNeighborsForecaster;
import org.embedllm.neighbors.NeighborSearch;
import org.embedllm.neighbors.VoteCount;
import org.embedllm.question.QuestionVectors;
import org.embedllm.question.TextFeatureVectors;
import org.embedllm.routing.CallCosts;
import org.embedllm.routing.ForecastedQuestions;
import org.embedllm.routing.Recommendation;
import org.embedllm.routing.RouterChoices;
import org.embedllm.routing.RoutingEvaluation;
import org.embedllm.tensor.FloatMatrix;
import org.embedllm.usage.UsageEvaluation;
import org.jspecify.annotations.Nullable;

/// A model file measured on questions with known answers, with every baseline.
///
/// @param asked the questions
/// @param forecasts evaluation of the forecasts
/// @param routes evaluation of routing
/// @param outputTokens how good the lengths of answers are forecast; empty where the model
///   forecasts none or none was reported
/// @param recommendation what to use
/// @param nearDuplicates accuracy with and without a near-duplicate in training; empty where the
///   training questions are not known
/// @param withoutQuestions why there is no nearest-neighbors baseline; used only when there is none
/// @param withheld the same as if no attribute were known; empty where none is
/// @param table the shrunk table by an attribute; empty where the model file keeps none
/// @param attributes names of those that counted
/// @param choices the routed model on each question, −1 without candidates
/// @param forecastSeconds time for all forecasts
/// @param routeSeconds time for all choices
public record PoolEvaluation(
    Asked asked,
    ForecastEvaluation forecasts,
    RoutingEvaluation routes,
    Optional<UsageEvaluation> outputTokens,
    Recommendation recommendation,
    Optional<NearDuplicateAccuracy> nearDuplicates,
    String withoutQuestions,
    Optional<Withheld> withheld,
    Optional<TableBaseline> table,
    List<String> attributes,
    List<Integer> choices,
    double forecastSeconds,
    double routeSeconds) {
  public PoolEvaluation {
    attributes = List.copyOf(attributes);
    choices = List.copyOf(choices);
  }

  /// Forecasts and routes without attributes.
  public record Withheld(ForecastEvaluation forecasts, RoutingEvaluation routes) {}

  /// What is measured on.
  ///
  /// @param split name of the questions: `train`, `val`, `test` or `all`
  /// @param answers of the pool's models, in their order
  /// @param vectors of the same questions
  /// @param usage what the answers took, as far as it is known
  /// @param seed of the resamples behind intervals
  /// @param withheld whether no attribute is taken as known
  public record Asked(
      String split,
      CorrectnessMatrix answers,
      QuestionVectors vectors,
      ObservedUsage usage,
      long seed,
      boolean withheld) {
    /// Vectors with the columns of the attributes that are taken as known.
    private FloatMatrix inputs(CorrectnessForecaster forecaster) {
      return withheld
          ? vectors.vectors()
          : forecaster.attributes().beside(vectors.vectors(), answers.questions());
    }

    /// Logits of the pool's models, `[n, m]`.
    FloatMatrix logits(ModelArtifact artifact) {
      CorrectnessForecaster forecaster = artifact.forecaster();
      FloatMatrix p = forecaster.forecast(inputs(forecaster));
      float[] logits = p.toArray();
      for (int i = 0; i < logits.length; i++) {
        double clamped = Math.clamp(logits[i], 1e-6, 1 - 1e-6);
        logits[i] = (float) Logistic.logit(clamped);
      }
      return FloatMatrix.wrap(p.rows(), p.columns(), logits);
    }

    private boolean is(SplitPart part) {
      return split.equals(part.label());
    }
  }

  /// Forecasts, routes and measures.
  ///
  /// @param questions the training questions kept beside the model
  /// @param withoutQuestions why there are none
  /// @param validation the validation questions, on which a recommendation is chosen
  /// @param asAsked validation questions in other forms, one entry for each form
  /// @param costs of calls, as far as they are known
  public static PoolEvaluation of(
      ModelArtifact artifact,
      Optional<TrainingQuestions> questions,
      String withoutQuestions,
      Asked asked,
      Optional<Asked> validation,
      List<Asked> asAsked,
      CallCosts costs) {
    Optional<NeighborVotes> votes = questions.map(q -> votes(artifact, q, asked.vectors()));
    long start = System.nanoTime();
    CorrectnessForecaster forecaster = artifact.forecaster();
    FloatMatrix probabilities = forecaster.forecast(asked.inputs(forecaster));
    long forecast = System.nanoTime();
    int[] choices = RouterChoices.best(asked.answers(), probabilities, artifact.training());
    long routed = System.nanoTime();
    List<String> attributes = asked.withheld() ? List.of() : forecaster.attributes().names();
    return new PoolEvaluation(
        asked,
        ForecastEvaluation.of(
            asked.answers(), probabilities, artifact.training(), votes, asked.seed()),
        RoutingEvaluation.of(asked.answers(), choices, artifact.training(), votes, asked.seed()),
        outputTokens(artifact, asked),
        ForecastedQuestions.recommendation(
            evidence(artifact, questions, asked, validation),
            asked.is(SplitPart.TEST)
                ? asAsked.stream().map(form -> forecasted(artifact, questions, form)).toList()
                : List.of(),
            forecasted(artifact, asked, probabilities, votes),
            costs,
            artifact.quantity(),
            asked.seed()),
        questions.map(
            q -> NearDuplicateAccuracy.of(asked.answers(), probabilities, q.matrix().questions())),
        withoutQuestions,
        attributes.isEmpty() ? Optional.empty() : Optional.of(withheld(artifact, asked)),
        TableBaseline.of(artifact, asked.answers(), asked.seed()),
        attributes,
        Arrays.stream(choices).boxed().toList(),
        (forecast - start) / 1e9,
        (routed - forecast) / 1e9);
  }

  private static Withheld withheld(ModelArtifact artifact, Asked asked) {
    FloatMatrix probabilities = artifact.forecaster().forecast(asked.vectors().vectors());
    return new Withheld(
        ForecastEvaluation.of(
            asked.answers(), probabilities, artifact.training(), Optional.empty(), asked.seed()),
        RoutingEvaluation.of(
            asked.answers(),
            RouterChoices.best(asked.answers(), probabilities, artifact.training()),
            artifact.training(),
            Optional.empty(),
            asked.seed()));
  }

  private static Optional<UsageEvaluation> outputTokens(ModelArtifact artifact, Asked asked) {
    return artifact
        .usage()
        .flatMap(usage ->
            UsageEvaluation.of(
                usage,
                UsageQuantity.OUTPUT_TOKENS,
                asked.answers().models(),
                asked.usage(),
                asked.vectors().vectors(),
                asked.seed()));
  }

  /// Questions that a recommendation may be chosen on: none of those that are measured, and each
  /// with forecasts that did not see its answers.
  private static List<ForecastedQuestions> evidence(
      ModelArtifact artifact,
      Optional<TrainingQuestions> questions,
      Asked asked,
      Optional<Asked> validation) {
    List<ForecastedQuestions> evidence = new ArrayList<>();
    boolean separate = asked.is(SplitPart.TEST) || asked.is(SplitPart.VALIDATION);
    if (asked.is(SplitPart.TEST) && validation.isPresent()) {
      evidence.add(forecasted(artifact, questions, validation.get()));
    }
    Optional<FloatMatrix> crossFitted = artifact.crossFittedForecasts();
    if (separate && questions.isPresent() && crossFitted.isPresent()) {
      CorrectnessMatrix matrix = questions.get().matrix();
      evidence.add(
          new ForecastedQuestions(
              matrix,
              crossFitted.get(),
              Optional.empty(),
              Optional.empty(),
              questions.get().vectors().vectors(),
              ObservedUsage.none(matrix.modelCount(), matrix.questionCount()),
              artifact.training()));
    }
    return evidence;
  }

  /// Questions with every router's forecasts.
  ///
  /// @param questions the training questions, where they are kept
  static ForecastedQuestions forecasted(
      ModelArtifact artifact, Optional<TrainingQuestions> questions, Asked asked) {
    CorrectnessForecaster forecaster = artifact.forecaster();
    return forecasted(
        artifact,
        asked,
        forecaster.forecast(asked.inputs(forecaster)),
        questions.map(q -> votes(artifact, q, asked.vectors())));
  }

  private static ForecastedQuestions forecasted(
      ModelArtifact artifact,
      Asked asked,
      FloatMatrix probabilities,
      Optional<NeighborVotes> votes) {
    return new ForecastedQuestions(
        asked.answers(),
        probabilities,
        votes,
        asked.withheld()
            ? Optional.empty()
            : artifact.attributeTable().map(table -> table.forecast(asked.answers().questions())),
        asked.vectors().vectors(),
        asked.usage(),
        artifact.training());
  }

  private static NeighborVotes votes(
      ModelArtifact artifact, TrainingQuestions questions, QuestionVectors vectors) {
    String kept = artifact.notes().get("knn_k");
    int k = kept == null ? NearestNeighborsForecaster.PUBLISHED_K : Integer.parseInt(kept);
    NeighborSearch search =
        new NeighborSearch(
            TextFeatureVectors.sentenceVectors(questions.vectors()).vectors(),
            Runtime.getRuntime().availableProcessors());
    return VoteCount.of(
        search.nearest(TextFeatureVectors.sentenceVectors(vectors).vectors(), k),
        k,
        questions.matrix());
  }

  /// The JSON of `evaluate --json`.
  public Map<String, @Nullable Object> document() {
    return new Json()
        .put("split", asked.split())
        .put("questions", forecasts.questions())
        .put("models", forecasts.models())
        .put("cells", forecasts.cells())
        .put("attributes", new Json().put("used", attributes))
        .put("forecast", EvaluationJson.forecast(this))
        .put("routing", EvaluationJson.routing(this))
        .put("perModel", EvaluationJson.perModel(forecasts))
        .put("usage", outputTokens.map(EvaluationJson::usage).orElse(null))
        .put("recommendation", EvaluationJson.recommendation(recommendation))
        .put("nearDuplicates", nearDuplicates.map(NearDuplicateAccuracy::json).orElse(null))
        .put(
            "timing",
            new Json().put("forecastSeconds", forecastSeconds).put("routeSeconds", routeSeconds))
        .document();
  }
}
