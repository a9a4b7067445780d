package org.embedllm.app.web.view;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.embedllm.app.cli.PoolEvaluation;
import org.embedllm.app.cli.ProgramVersion;
import org.embedllm.app.experiment.ExperimentName;
import org.embedllm.app.experiment.ExperimentSetup;
import org.embedllm.app.experiment.Experiments;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.SplitPart;
import org.embedllm.factorization.FeatureMap;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.forecast.Calibration;
import org.embedllm.forecast.Interval;
import org.embedllm.question.QuestionVectors;
import org.embedllm.storage.BadInputException;
import org.embedllm.tower.KernelOptions;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What can only be said with a data set: routing and costs on held-out questions, benchmarks
/// predicted as if they had never been run. All of it is made by the code of `evaluate` and
/// `experiment`.
public final class Measurements {
  private final ModelSpace space;
  private final Optional<Measured> measured;
  private final Background background;
  private final Path cache;
  private final boolean configured;

  /// @param dataset the data set; empty where none was given
  /// @param background where it is computed
  /// @param cache folder that keeps the experiments' trainings
  /// @param configured whether the data set stands in a gateway's configuration
  public Measurements(
      ModelSpace space,
      Optional<Path> dataset,
      Background background,
      Path cache,
      boolean configured) {
    this.space = space;
    this.measured = dataset.map(path -> new Measured(path, space));
    this.background = background;
    this.cache = cache;
    this.configured = configured;
  }

  /// What `evaluate --json` says, with the reliability diagram and the verdict.
  ///
  /// @param split `train`, `val`, `test` or `all`
  public Answer evaluation(String split) {
    if (measured.isEmpty()) {
      return withoutDataset("Routing is measured on questions the model has not seen.");
    }
    return background.ask(
        "evaluation " + split,
        step -> {
          Measured.Loaded loaded = measured.get().load(step);
          step.at("measuring on split " + split, 0.5);
          return evaluation(evaluate(loaded, split));
        });
  }

  private PoolEvaluation evaluate(Measured.Loaded loaded, String split) {
    CorrectnessMatrix answers = loaded.data().matrix();
    QuestionVectors vectors = loaded.vectors();
    if (!split.equals("all")) {
      int[] questions = loaded.data().split().questions(part(split));
      answers = answers.selectQuestions(questions);
      vectors = vectors.select(questions);
    }
    if (answers.cellCount() == 0) {
      throw BadInputException.of(
          "the data set has no answer of a model of this file in split " + split);
    }
    return PoolEvaluation.of(
        space.artifact(),
        space.questions(),
        space.withoutQuestions().reason(),
        new PoolEvaluation.Asked(split, answers, vectors, 0));
  }

  private static SplitPart part(String name) {
    for (SplitPart part : SplitPart.values()) {
      if (part.label().equals(name)) {
        return part;
      }
    }
    throw new IllegalArgumentException(
        "split must be train, val, test or all; got \"" + name + "\"");
  }

  /// @param low lower end of the 95 % interval of meanScore (Wilson, cells taken as independent)
  record ReliabilityBin(
      double meanForecast, double meanScore, int cells, double low, double high) {}

  /// @param error expected calibration error
  /// @param expectedOfPerfect what chance alone would leave of it
  record Reliability(List<ReliabilityBin> bins, double error, double expectedOfPerfect) {}

  private static Map<String, @Nullable Object> evaluation(PoolEvaluation evaluation) {
    Calibration calibration = evaluation.forecasts().calibration();
    Map<String, @Nullable Object> document = new LinkedHashMap<>(evaluation.document());
    document.put(
        "reliability",
        new Reliability(
            calibration.bins().stream()
                .map(bin -> {
                  Interval interval = Interval.ofShare(bin.meanScore(), bin.cells());
                  return new ReliabilityBin(
                      bin.meanProbability(),
                      bin.meanScore(),
                      bin.cells(),
                      interval.low(),
                      interval.high());
                })
                .toList(),
            calibration.error(),
            calibration.errorIfPerfect()));
    document.put("verdict", evaluation.routes().verdict());
    return document;
  }

  /// `costs.json` for this model file, with `pareto` beside each point and model.
  public Answer costs() {
    if (measured.isEmpty()) {
      return withoutDataset("Quality and cost are measured on questions the model has not seen.");
    }
    if (!space.prices().known()) {
      return new Answer.Unavailable(
          "No price of any model is known: the logs had none.",
          command(measured.get().path()) + " --prices FILE");
    }
    return background.ask(
        "costs",
        step -> {
          Measured.Loaded loaded = measured.get().load(step);
          step.at("routing at every setting of the dial", 0.5);
          return withPareto(
              Experiments.costs(setup(loaded), space.artifact().forecaster()::forecast));
        });
  }

  private static JsonNode withPareto(JsonNode costs) {
    Set<String> front = new HashSet<>();
    costs.path("front").forEach(point -> front.add(point.path("policy").asString()));
    costs
        .path("points")
        .forEach(p -> ((ObjectNode) p).put("pareto", front.contains(p.path("policy").asString())));
    costs
        .path("models")
        .forEach(p -> ((ObjectNode) p).put("pareto", front.contains(p.path("model").asString())));
    return costs;
  }

  /// Predicted against actual accuracy, each benchmark as if it had never been run.
  ///
  /// @param name how the benchmark is called
  /// @param models eligible ones
  /// @param splits random splits of the models
  /// @param significant splits with a significant τ; empty where too few models are eligible
  /// @param reason why it is empty
  /// @param tau mean Kendall's τ-b of held-out models
  /// @param mse mean squared error of held-out models
  /// @param r2 share of the variance explained
  /// @param baselineMse of each model's mean on the other benchmarks
  /// @param lineMse of a straight line from that mean
  /// @param meanMse of the mean of the training models
  /// @param points one for each model that was held out
  record Predicted(
      String name,
      int models,
      int splits,
      Optional<Integer> significant,
      Optional<String> reason,
      double tau,
      double mse,
      double r2,
      double baselineMse,
      double baselineTau,
      double lineMse,
      double meanMse,
      List<PredictedPoint> points) {}

  /// @param predicted mean of its predictions
  /// @param low predicted − 1.96 √mse of the benchmark, not below 0
  /// @param high predicted + 1.96 √mse, not above 1
  /// @param actual accuracy over all its answers
  /// @param actualLow lower end of that one's 95 % interval (Wilson)
  record PredictedPoint(
      int id,
      String name,
      double predicted,
      double low,
      double high,
      double actual,
      double actualLow,
      double actualHigh) {}

  record PredictedBenchmarks(List<Predicted> benchmarks) {}

  /// Each benchmark predicted as not run.
  public Answer benchmarks() {
    return experiment(
        ExperimentName.BENCHMARKS,
        "A benchmark is predicted by training without it, which takes all answers.",
        this::predicted);
  }

  private PredictedBenchmarks predicted(Measured.Loaded loaded, JsonNode experiment) {
    var counts = org.embedllm.correctness.AnswerCounts.of(loaded.data().matrix());
    List<Predicted> benchmarks = new ArrayList<>();
    for (JsonNode node : experiment) {
      String name = node.path("benchmark").asString();
      double mse = number(node, "mse");
      double half = 1.96 * Math.sqrt(mse);
      List<PredictedPoint> points = new ArrayList<>();
      for (JsonNode model : node.path("perModel")) {
        int id = space.row(model.path("model").asString()).orElseThrow();
        double predicted = number(model, "predicted");
        double actual = number(model, "actual");
        Interval interval = Interval.ofShare(actual, counts.cells(id, name));
        points.add(
            new PredictedPoint(
                id,
                space.models().get(id),
                predicted,
                Math.max(0, predicted - half),
                Math.min(1, predicted + half),
                actual,
                interval.low(),
                interval.high()));
      }
      benchmarks.add(
          new Predicted(
              name,
              node.path("models").asInt(),
              node.path("splits").asInt(),
              node.path("significant").isNumber()
                  ? Optional.of(node.path("significant").asInt())
                  : Optional.empty(),
              node.path("reason").isString()
                  ? Optional.of(node.path("reason").asString())
                  : Optional.empty(),
              number(node, "tau"),
              mse,
              number(node, "r2"),
              number(node.path("baselines").path("meanOfOtherBenchmarks"), "mse"),
              number(node.path("baselines").path("meanOfOtherBenchmarks"), "tau"),
              number(node.path("baselines").path("lineOnOtherBenchmarks"), "mse"),
              number(node.path("baselines").path("meanOfModels"), "mse"),
              points));
    }
    return new PredictedBenchmarks(benchmarks);
  }

  private static double number(JsonNode node, String key) {
    return node.path(key).isNumber() ? node.path(key).asDouble() : Double.NaN;
  }

  /// `contributions.json`.
  public Answer contributions() {
    return experiment(
        ExperimentName.CONTRIBUTIONS,
        "What a benchmark contributes is found by training without it, which takes all answers.",
        (loaded, json) -> json);
  }

  private interface Shown {
    Object of(Measured.Loaded loaded, JsonNode experiment);
  }

  private Answer experiment(ExperimentName name, String why, Shown shown) {
    if (measured.isEmpty()) {
      return withoutDataset(why);
    }
    return background.ask(
        name.label(),
        step -> {
          Measured.Loaded loaded = measured.get().load(step);
          if (loaded.data().matrix().benchmarks().size() < 2) {
            throw BadInputException.of(
                "this view leaves benchmarks out of training and needs at least two; the data set has "
                    + loaded.data().matrix().benchmarks());
          }
          step.at("training without each benchmark", 0);
          JsonNode json =
              new Experiments(setup(loaded), circumstances(step))
                  .run(List.of(name), folder(loaded))
                  .getFirst()
                  .json();
          return shown.of(loaded, json);
        });
  }

  private Experiments.Circumstances circumstances(Background.Step step) {
    return new Experiments.Circumstances(
        String.valueOf(measured.orElseThrow().path().getFileName()),
        ProgramVersion.text(),
        System::nanoTime,
        Optional::empty,
        (done, total, doing) -> step.at("trained " + doing, (double) done / Math.max(1, total)));
  }

  /// The setup of the command `experiment` with nothing but defaults, for a model file trained with
  /// nothing but defaults.
  private ExperimentSetup setup(Measured.Loaded loaded) {
    boolean kernel =
        switch (space.artifact().factorization().features()) {
          case FeatureMap.Identity identity -> false;
          case FeatureMap.Kernel tower -> true;
        };
    ExperimentSetup plain =
        ExperimentSetup.of(
            loaded.data(),
            loaded.vectors(),
            kernel ? Optional.of(KernelOptions.DEFAULT) : Optional.empty(),
            TrainingOptions.DEFAULT);
    return new ExperimentSetup(
        plain.data(),
        plain.vectors(),
        loaded.sentences(),
        plain.kernel(),
        plain.options(),
        plain.seeds(),
        plain.dimensions(),
        plain.neighborCounts(),
        plain.prediction(),
        plain.communities(),
        plain.permutations(),
        space.prices(),
        plain.newcomers());
  }

  private Path folder(Measured.Loaded loaded) throws IOException {
    return cache.resolve("page").resolve(loaded.data().digest().substring(0, 20));
  }

  private Answer.Unavailable withoutDataset(String why) {
    return new Answer.Unavailable(
        configured
            ? why
                + " Put page: {dataset: DATASET} into the gateway's configuration and start it"
                + " again, or look at it without the gateway:"
            : why + " Start the page with a data set:",
        command(Path.of("DATASET")));
  }

  private String command(Path dataset) {
    String path = dataset.toString();
    return "./embedllm explore "
        + Shell.quoted(space.file().toString())
        + " --dataset "
        + Shell.quoted(path);
  }
}
