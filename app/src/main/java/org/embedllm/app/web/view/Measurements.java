package org.embedllm.app.web.view;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.embedllm.app.cli.ProgramVersion;
import org.embedllm.app.experiment.Experiments;
import org.embedllm.app.experiment.run.ExperimentName;
import org.embedllm.app.experiment.run.ExperimentSetup;
import org.embedllm.app.report.Families;
import org.embedllm.app.task.AsAskedEvaluation;
import org.embedllm.app.task.PoolEvaluation;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.SplitPart;
import org.embedllm.factorization.FeatureMap;
import org.embedllm.factorization.NestedKernels;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.forecast.Calibration;
import org.embedllm.forecast.Interval;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.question.QuestionVectors;
import org.embedllm.storage.BadInputException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Results that need a data set: routing and costs on test questions, benchmarks predicted as if
/// they had never been run. The code of `evaluate` and `experiment` computes all of it.
public final class Measurements {
  private final ModelSpace space;
  private final Optional<Path> dataset;
  private final BackgroundJobs background;
  private final Path cache;
  private final boolean configured;

  /// @param dataset the data set; empty without one
  /// @param background runs the computations
  /// @param cache folder that keeps the experiments' trainings
  /// @param configured whether the data set is named in a gateway's configuration
  public Measurements(
      ModelSpace space,
      Optional<Path> dataset,
      BackgroundJobs background,
      Path cache,
      boolean configured) {
    this.space = space;
    this.dataset = dataset;
    this.background = background;
    this.cache = cache;
    this.configured = configured;
  }

  /// What `evaluate --json` says, with the reliability diagram.
  ///
  /// @param split `train`, `val`, `test` or `all`
  public ViewAnswer evaluation(String split) {
    if (dataset.isEmpty()) {
      return withoutDataset("Routing is measured on questions the model has not seen.");
    }
    return onDataset(
        dataset.get(),
        loaded ->
            background.ask(
                "evaluation " + split,
                step -> {
                  step.at("measuring on split " + split, 0.5);
                  return evaluation(evaluate(loaded, split, List.of()));
                }));
  }

  /// What is recommended for the test questions, when validation questions are also asked as people
  /// ask them, which takes encoding.
  public ViewAnswer recommendation() {
    if (dataset.isEmpty()) {
      return withoutDataset("Routing is measured on questions the model has not seen.");
    }
    return onDataset(
        dataset.get(),
        loaded -> background.ask("recommendation", step -> recommended(loaded, step)));
  }

  private Map<String, @Nullable Object> recommended(Measured loaded, BackgroundJobs.Step step)
      throws IOException {
    List<PoolEvaluation.Asked> asAsked = List.of();
    Optional<String> reason =
        AsAskedEvaluation.impossible(space.artifact(), loaded.data().matrix().questions());
    Optional<PoolEvaluation.Asked> validation = validation(loaded);
    if (reason.isEmpty() && validation.isEmpty()) {
      reason = Optional.of("the data set has no validation questions");
    }
    if (reason.isEmpty()) {
      try {
        asAsked =
            AsAskedEvaluation.asked(
                validation.orElseThrow(), questions -> loaded.source().of(questions, step));
      } catch (BadInputException e) {
        reason = Optional.of(e.getMessage());
      }
    }
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put(
        "recommendation",
        evaluate(loaded, SplitPart.TEST.label(), asAsked).document().get("recommendation"));
    document.put("asAsked", reason.isEmpty());
    document.put("asAskedReason", reason.orElse(null));
    return document;
  }

  private PoolEvaluation evaluate(
      Measured loaded, String split, List<PoolEvaluation.Asked> asAsked) {
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
        asked(split, answers, vectors, loaded),
        validation(loaded),
        asAsked,
        space.costs());
  }

  private static PoolEvaluation.Asked asked(
      String split, CorrectnessMatrix answers, QuestionVectors vectors, Measured loaded) {
    return new PoolEvaluation.Asked(
        split,
        answers,
        vectors,
        loaded.data().usage().aligned(loaded.data().matrix(), answers),
        0,
        false);
  }

  private static Optional<PoolEvaluation.Asked> validation(Measured loaded) {
    int[] questions = loaded.data().split().questions(SplitPart.VALIDATION);
    CorrectnessMatrix answers = loaded.data().matrix().selectQuestions(questions);
    return answers.cellCount() == 0
        ? Optional.empty()
        : Optional.of(
            asked(
                SplitPart.VALIDATION.label(), answers, loaded.vectors().select(questions), loaded));
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

  /// @param low lower end of the 95 % interval of meanScore, answers to a question taken together
  record ReliabilityBin(
      double meanForecast, double meanScore, int cells, double low, double high) {}

  /// @param error expected calibration error
  /// @param expectedOfPerfect the error of a perfect forecaster by chance
  record Reliability(List<ReliabilityBin> bins, double error, double expectedOfPerfect) {}

  private static Map<String, @Nullable Object> evaluation(PoolEvaluation evaluation) {
    Calibration calibration = evaluation.forecasts().calibration();
    Map<String, @Nullable Object> document = new LinkedHashMap<>(evaluation.document());
    document.put(
        "reliability",
        new Reliability(
            calibration.bins().stream()
                .map(bin ->
                    new ReliabilityBin(
                        bin.meanProbability(),
                        bin.meanScore(),
                        bin.cells(),
                        bin.interval().low(),
                        bin.interval().high()))
                .toList(),
            calibration.error(),
            calibration.errorIfPerfect()));
    return document;
  }

  /// `costs.json` for this model file, with `pareto` and the quality's 95 % interval (Wilson)
  /// beside each point, model and the smallest pool, and beside each model `answered`: the share of
  /// the test questions it is measured on; `everyone` has the name and family of each model.
  public ViewAnswer costs() {
    if (dataset.isEmpty()) {
      return withoutDataset("Quality and cost are measured on questions the model has not seen.");
    }
    if (!space.prices().known()) {
      return new ViewAnswer.Unavailable(
          "No price of any model is known: the logs had none.",
          "FILE is a CSV with the columns model, input, output and call.",
          command(dataset.get()) + " --prices FILE");
    }
    return onDataset(
        dataset.get(),
        loaded ->
            background.ask(
                "costs",
                step -> {
                  step.at("routing at every setting of the dial", 0.5);
                  JsonNode costs = Experiments.costs(setup(loaded), space.artifact());
                  return withEveryone(withAnswered(withPareto(costs), loaded));
                }));
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

  private JsonNode withAnswered(JsonNode costs, Measured loaded) {
    int[] test = loaded.data().split().questions(SplitPart.TEST);
    AnswerCounts counts = AnswerCounts.of(loaded.data().matrix().selectQuestions(test));
    for (JsonNode point : costs.path("points")) {
      withInterval((ObjectNode) point, counts.questions());
    }
    if (costs.path("poolRouted").isObject()) {
      withInterval((ObjectNode) costs.path("poolRouted"), counts.questions());
    }
    for (JsonNode model : costs.path("models")) {
      int answered = counts.cells(space.row(model.path("model").asString()).orElseThrow());
      withInterval((ObjectNode) model, answered);
      ((ObjectNode) model).put("answered", (double) answered / counts.questions());
    }
    return costs;
  }

  /// With all models and their families, which decide how a model looks.
  private JsonNode withEveryone(JsonNode costs) {
    ArrayNode everyone = ((ObjectNode) costs).putArray("everyone");
    space
        .models()
        .forEach(
            model -> everyone.addObject().put("name", model).put("family", Families.of(model)));
    return costs;
  }

  private static void withInterval(ObjectNode point, int questions) {
    Interval interval = Interval.ofShare(point.path("quality").asDouble(), questions);
    point.put("low", interval.low()).put("high", interval.high());
  }

  /// Each benchmark predicted as not run.
  public ViewAnswer benchmarks() {
    return experiment(
        ExperimentName.BENCHMARKS,
        "A benchmark is predicted by training without it, which takes all answers.",
        (loaded, json) ->
            PredictedBenchmarks.of(space, AnswerCounts.of(loaded.data().matrix()), json));
  }

  /// `contributions.json`.
  public ViewAnswer contributions() {
    return experiment(
        ExperimentName.CONTRIBUTIONS,
        "What a benchmark contributes is found by training without it, which takes all answers.",
        (loaded, json) -> json);
  }

  private interface Shown {
    Object of(Measured loaded, JsonNode experiment);
  }

  private ViewAnswer experiment(ExperimentName name, String why, Shown shown) {
    if (dataset.isEmpty()) {
      return withoutDataset(why);
    }
    return onDataset(
        dataset.get(),
        loaded ->
            background.askInTurn(
                name.label(), step -> shown.of(loaded, experiment(name, loaded, step))));
  }

  private JsonNode experiment(ExperimentName name, Measured loaded, BackgroundJobs.Step step)
      throws IOException {
    step.at("training without each benchmark", 0);
    return new Experiments(setup(loaded), circumstances(step))
        .run(List.of(name), folder(loaded))
        .getFirst()
        .json();
  }

  /// A result once the data set is read; the progress of reading until then.
  private ViewAnswer onDataset(Path path, Function<Measured, ViewAnswer> said) {
    ViewAnswer reading = background.ask("data set", step -> Measured.load(path, space, step));
    return reading instanceof ViewAnswer.Ready(Measured loaded) ? said.apply(loaded) : reading;
  }

  private Experiments.RunContext circumstances(BackgroundJobs.Step step) {
    return new Experiments.RunContext(
        String.valueOf(dataset.orElseThrow().getFileName()),
        ProgramVersion.text(),
        System::nanoTime,
        Optional::empty,
        (done, total, doing) -> step.at("trained " + doing, (double) done / Math.max(1, total)));
  }

  /// The setup of the command `experiment` with its defaults, for a model file trained with
  /// defaults.
  private ExperimentSetup setup(Measured loaded) {
    boolean kernel =
        switch (space.artifact().factorization().features()) {
          case FeatureMap.Identity identity -> false;
          case FeatureMap.Kernel one -> true;
          case NestedKernels nested -> true;
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
        plain.newModels());
  }

  private Path folder(Measured loaded) throws IOException {
    return cache.resolve("page").resolve(loaded.data().digest().substring(0, 20));
  }

  private ViewAnswer.Unavailable withoutDataset(String why) {
    return new ViewAnswer.Unavailable(
        why,
        configured
            ? "Put page: {dataset: DATASET} into the gateway's configuration and start it again, or"
                + " look at it without the gateway:"
            : "Start the page with a data set:",
        command(Path.of("DATASET")));
  }

  private String command(Path dataset) {
    String path = dataset.toString();
    return "./embedllm explore "
        + ShellQuoting.quoted(space.file().toString())
        + " --dataset "
        + ShellQuoting.quoted(path);
  }
}
