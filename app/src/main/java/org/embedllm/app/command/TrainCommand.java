package org.embedllm.app.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.Durations;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.cli.Json;
import org.embedllm.app.option.DeprecatedNames;
import org.embedllm.app.option.TrainingFlags;
import org.embedllm.app.task.PoolTraining;
import org.embedllm.app.task.ServingChoice;
import org.embedllm.app.task.TrainingSelection;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.PoolTrainer;
import org.embedllm.artifact.RightFrom;
import org.embedllm.artifact.ServedForecaster;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.factorization.EpochReport;
import org.embedllm.factorization.FeatureMap;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.factorization.NestedKernels;
import org.embedllm.factorization.TrainingHistory;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.forecast.ForecastEvaluation;
import org.embedllm.forecast.ForecastQuantity;
import org.embedllm.question.QuestionVectors;
import org.embedllm.routing.RoutingEvaluation;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.SingleWriter;
import org.embedllm.tensor.FloatMatrix;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `embedllm train DATASET --to MODEL`: from answers to one vector per model.
@Command(
    name = "train",
    description =
        "Learns one vector per model from right and wrong answers, graded answers or votes.",
    footer = {
      "",
      "Uses training and validation questions only. Without options it trains a kernel"
          + " factorization in",
      "closed form. --published, and each option of the linear one (--dimension, --epochs,",
      "--learning-rate, --batch-questions, --noise, --weight-decay), trains that one. Its state is",
      "kept in MODEL.checkpoint after each epoch, and an interrupted training continues. The kernel",
      "factorization starts again; question vectors are kept.",
      "",
      "Example: embedllm train data --to pool.safetensors",
    })
public final class TrainCommand implements Callable<Integer> {
  @Mixin private Console console;
  @Mixin private TrainingFlags flags;
  @Mixin private TrainingSelection selection;

  @Parameters(paramLabel = "DATASET", description = "Data set, or a table.")
  private Path dataset = Path.of("");

  @Option(
      names = "--to",
      required = true,
      paramLabel = "MODEL",
      description = "Model file to write.")
  private Path target = Path.of("");

  @Option(
      names = "--no-text-features",
      description =
          "Train on the encoder's vectors alone, without text features (length, options, digits,"
              + " symbols) and without attributes.")
  private boolean withoutTextFeatures;

  @Option(names = DeprecatedNames.NO_TEXT_FEATURES, hidden = true)
  private boolean withoutTextFeaturesByOldName;

  @Option(
      names = "--no-questions",
      description = "Do not store the training questions beside the model.")
  private boolean withoutQuestions;

  @Option(
      names = "--outputs",
      description =
          "Keep what each model writes: the mean vector of 100 of its answers' texts (of a data set"
              + " imported with --keep-outputs). add --outputs and similar --by outputs use it.")
  private boolean outputs;

  @Option(
      names = "--right-from",
      paramLabel = "SCORE",
      description =
          "Train on labels: a score from SCORE on is right, a lower one wrong. Without it graded"
              + " scores count as they are.")
  private @Nullable Double rightFrom;

  @Option(names = "--fresh", description = "Start again, and ignore MODEL.checkpoint.")
  private boolean fresh;

  @Override
  public Integer call() throws IOException {
    TrainingOptions options = flags.options();
    if (withoutTextFeaturesByOldName) {
      console.warn(DeprecatedNames.warning(DeprecatedNames.NO_TEXT_FEATURES, "--no-text-features"));
      withoutTextFeatures = true;
    }
    var settings =
        new PoolTraining.Settings(
            flags.kernel() ? Optional.of(flags.kernelOptions()) : Optional.empty(),
            options,
            target,
            flags.encoder(),
            !withoutTextFeatures,
            !withoutQuestions,
            outputs,
            threshold());
    try (SingleWriter _ = settings.reserve()) {
      return train(settings);
    }
  }

  private int train(PoolTraining.Settings settings) throws IOException {
    if (fresh) {
      Files.deleteIfExists(settings.checkpoint());
    }
    var training = new PoolTraining(settings, console);
    PoolTraining.Result result = training.train(dataset, selection);
    PoolTrainer.Trained trained = result.trained();
    trained.write(target, !withoutQuestions);
    Files.deleteIfExists(settings.checkpoint());
    ServedForecaster.Kind served = training.served(trained);
    int votes = result.votes().size();
    console.json(json(trained, votes).put("served", served.label()).document());
    print(trained, votes);
    CorrectnessMatrix validation = result.chosen().validation();
    if (!console.wantsJson() && validation.cellCount() > 0) {
      compare(trained, validation, result.vectors());
    }
    if (served != ServedForecaster.Kind.ROUTER) {
      console.line(
          "Prompts will be routed by %s: better on validation questions than the default"
              + " forecaster.",
          ServingChoice.words(served));
    }
    console.line("Wrote %s.", target);
    return ExitStatus.DONE;
  }

  private OptionalDouble threshold() {
    if (rightFrom == null) {
      return OptionalDouble.empty();
    }
    if (!RightFrom.isScore(rightFrom)) {
      throw BadInputException.of("--right-from must be above 0 and at most 1; got " + rightFrom);
    }
    return OptionalDouble.of(rightFrom);
  }

  private Json json(PoolTrainer.Trained trained, int votes) {
    TrainingHistory history = trained.history();
    List<String> attributes = trained.artifact().factorization().attributes().names();
    List<EpochReport> epochs = history.epochs();
    boolean validated = !epochs.isEmpty() && epochs.getLast().validationAccuracy().isPresent();
    Json json =
        QuantityText.json(
            new Json().put("model", target.toString()), trained.artifact().quantity());
    trained
        .artifact()
        .votes()
        .ifPresent(v ->
            json.put(
                "votes",
                new Json()
                    .put("count", votes)
                    .put("scale", v.likelihood().scale())
                    .put("positionBias", v.likelihood().positionBias())
                    .put("tie", v.likelihood().tie())));
    return json.put("epochs", epochs.size())
        .put("seconds", history.seconds())
        .put("trainLoss", epochs.stream().map(EpochReport::trainLoss).toList())
        .put(
            "validation",
            new Json()
                .put(
                    "accuracy",
                    validated ? values(epochs, EpochReport::validationAccuracy) : List.of())
                .put(
                    "logLoss",
                    validated ? values(epochs, EpochReport::validationLogLoss) : List.of()))
        .put(
            "peakMemoryBytes",
            history.peakMemoryBytes().isPresent() ? history.peakMemoryBytes().getAsLong() : null)
        .put("threads", history.threads())
        .put("cells", history.cells())
        .put("attributes", attributes);
  }

  private interface Measure {
    OptionalDouble of(EpochReport report);
  }

  private static List<Double> values(List<EpochReport> epochs, Measure measure) {
    return epochs.stream().map(report -> measure.of(report).orElse(Double.NaN)).toList();
  }

  /// What was fitted: of a kernel factorization its sizes and what was chosen for it, otherwise d
  /// and epochs.
  private static String what(PoolTrainer.Trained trained) {
    MatrixFactorization model = trained.artifact().factorization();
    return switch (model.features()) {
      case FeatureMap.Kernel kernel ->
          String.format(
              Locale.ROOT,
              "kernel factorization of %d components on %,d landmarks, γ %.1f%s",
              model.dimension() - 1,
              kernel.outputDimension(),
              kernel.gamma(),
              ridges(trained.choices().getOrDefault("ridges", List.of())));
      case NestedKernels nested ->
          String.format(
              Locale.ROOT,
              "kernel factorization on %,d and %,d landmarks, vectors of %d%s%s",
              nested.surface().outputDimension(),
              nested.content().outputDimension(),
              model.dimension(),
              ridges(trained.choices().getOrDefault("ridges", List.of())),
              nested.attributes().names().isEmpty()
                  ? ""
                  : ", attributes " + String.join(", ", nested.attributes().names()));
      case FeatureMap.Identity _ ->
          "d = %d, %d epochs".formatted(model.dimension(), trained.history().epochs().size());
    };
  }

  private static String ridges(List<Double> ridges) {
    return ridges.isEmpty()
        ? ""
        : String.format(
            Locale.ROOT,
            ", λ %s",
            ridges.stream()
                .collect(Collectors.groupingBy(r -> r, TreeMap::new, Collectors.counting()))
                .entrySet()
                .stream()
                .map(e -> "%s (%d)".formatted(e.getKey(), e.getValue()))
                .collect(Collectors.joining(", ")));
  }

  private void print(PoolTrainer.Trained trained, int votes) {
    TrainingHistory history = trained.history();
    boolean preference = trained.artifact().quantity() == ForecastQuantity.PREFERENCE;
    console.line(
        "Trained %d models on %,d %s %,d questions in %s, on %d threads.",
        trained.artifact().factorization().models().size(),
        preference ? votes : history.cells(),
        preference ? "votes on" : "answers to",
        trained.questions().matrix().questionCount(),
        Durations.text(history.seconds()),
        history.threads());
    if (console.isVerbose()) {
      console.line("Fitted: %s.", what(trained));
      history.epochs().stream()
          .reduce((_, last) -> last)
          .ifPresent(last -> console.line("Training loss %.3f.", last.trainLoss()));
    }
  }

  /// How good it is on the validation questions, beside what is there without it.
  private void compare(
      PoolTrainer.Trained trained, CorrectnessMatrix validation, QuestionVectors vectors) {
    int first = vectors.count() - validation.questionCount();
    int[] last = IntStream.range(first, vectors.count()).toArray();
    ModelArtifact artifact = trained.artifact();
    FloatMatrix probabilities = artifact.forecaster().forecast(vectors.select(last).vectors());
    console.line("");
    ForecastQuantity quantity = artifact.quantity();
    console.heading(
        "On %,d validation questions: which model will be %s?",
        validation.questionCount(), quantity.adjective());
    EvaluationText.forecasters(
            ForecastEvaluation.of(
                validation, probabilities, artifact.training(), Optional.empty(), 0))
        .print(console);
    console.line("");
    console.heading(
        "On the same questions: how often is the chosen model %s?", quantity.adjective());
    EvaluationText.routers(
            RoutingEvaluation.of(
                validation, probabilities, artifact.training(), Optional.empty(), 0),
            quantity)
        .print(console);
    console.line("");
    console.line("Settings were chosen on these questions; evaluate measures on test questions.");
  }
}
