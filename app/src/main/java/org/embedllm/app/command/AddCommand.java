package org.embedllm.app.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.cli.Json;
import org.embedllm.app.cli.Progress;
import org.embedllm.app.cli.TextTable;
import org.embedllm.app.option.EncoderFlag;
import org.embedllm.app.task.DatasetVectors;
import org.embedllm.app.task.ModelInput;
import org.embedllm.app.task.PoolQuestions;
import org.embedllm.artifact.ModelAddition;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.dataset.Dataset;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.itemresponse.Ability;
import org.embedllm.question.QuestionVectors;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.storage.AtomicFile;
import org.embedllm.storage.BadInputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `embedllm add MODEL RESPONSES --to MODEL2`: new models without training again.
@Command(
    name = "add",
    description = "Adds new models to a trained pool from their answers, without training again.",
    footer = {
      "",
      "plan names the questions whose answers say most about a model.",
      "",
      "Example: embedllm add pool.safetensors answers.csv --to pool2.safetensors",
    })
public final class AddCommand implements Callable<Integer> {
  @Mixin private Console console;
  @Mixin private EncoderFlag encoder;

  @Parameters(index = "0", paramLabel = "MODEL", description = "Model file that train wrote.")
  private Path model = Path.of("");

  @Parameters(
      index = "1",
      paramLabel = "RESPONSES",
      description = "Table with model_name, label or score, and prompt_id or prompt.")
  private Path responses = Path.of("");

  @Option(
      names = "--to",
      required = true,
      paramLabel = "MODEL2",
      description = "Model file to write, with the new models after the old ones.")
  private Path target = Path.of("");

  @Option(
      names = "--dataset",
      paramLabel = "DATASET",
      description =
          "The data set the model was trained on, where no questions are stored beside it.")
  private @Nullable Path trainedOn;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that add models. They do not change the result. Default: all cores.")
  private @Nullable Integer threads;

  @Override
  public Integer call() throws IOException {
    AtomicFile.requirePlace(target);
    ModelInput input = ModelInput.open(model);
    TrainingQuestions questions =
        PoolQuestions.of(input, Optional.ofNullable(trainedOn), console)
            .orElseThrow(() -> BadInputException.of(PoolQuestions.absent(input)));
    ModelAddition addition = new ModelAddition(input.artifact(), questions);
    Dataset dataset = responses(responses);
    CorrectnessMatrix matrix = dataset.data().matrix();
    requireNew(matrix.models(), input);
    Optional<QuestionVectors> vectors = unknown(addition, dataset, input);
    double[] seconds = new double[matrix.modelCount()];
    List<ModelAddition.Added> added;
    try (Progress progress = console.progress("add", matrix.modelCount(), "models")) {
      AtomicInteger done = new AtomicInteger();
      added =
          addition.placeAll(
              matrix,
              vectors,
              threads(),
              System::nanoTime,
              (i, took) -> {
                seconds[i] = took;
                progress.advanceTo(done.incrementAndGet());
              });
    }
    List<Map<String, @Nullable Object>> documents = new ArrayList<>();
    for (int i = 0; i < added.size(); i++) {
      documents.add(json(added.get(i), seconds[i]).document());
    }
    addition.with(added).write(target, true);
    console.json(new Json().put("added", documents).document());
    print(added);
    return ExitStatus.DONE;
  }

  private void requireNew(List<String> names, ModelInput input) {
    for (String name : names) {
      if (input.models().contains(name)) {
        throw BadInputException.in(
            responses,
            "%s has a model \"%s\" already: give the new one another name, or update the old one with learn"
                .formatted(model, name));
      }
    }
  }

  private int threads() {
    if (threads == null) {
      return Runtime.getRuntime().availableProcessors();
    }
    if (threads < 1 || threads > 1_024) {
      throw BadInputException.of("--threads must be from 1 to 1024; got " + threads);
    }
    return threads;
  }

  /// Answers of models whose questions may be named by their ids alone.
  static Dataset responses(Path file) {
    return DatasetLoader.load(
        file, ImportOptions.DEFAULT.withTextRequired(false), ImportProgress.NONE);
  }

  /// Vectors of the questions that are none of the training questions.
  private Optional<QuestionVectors> unknown(
      ModelAddition addition, Dataset dataset, ModelInput input) throws IOException {
    List<Question> unknown =
        dataset.data().matrix().questions().stream()
            .filter(question -> addition.known(question).isEmpty())
            .toList();
    if (unknown.isEmpty()) {
      return Optional.empty();
    }
    List<Question> nameless = unknown.stream().filter(q -> q.text().isEmpty()).toList();
    if (!nameless.isEmpty()) {
      throw BadInputException.in(
          responses,
          "%d of its questions are not training questions, such as prompt_id %s, and have no text: add a column prompt"
              .formatted(nameless.size(), nameless.getFirst().id()));
    }
    try {
      return Optional.of(
          new DatasetVectors(dataset, console)
              .withEncoderAt(encoder.place())
              .of(unknown, input.artifact().encoder()));
    } catch (BadInputException e) {
      if (unknown.size() == dataset.data().matrix().questionCount()) {
        throw e;
      }
      console.warn(
          "%d of %d questions are not training questions and are left out: %s",
          unknown.size(), dataset.data().matrix().questionCount(), String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private static Json json(ModelAddition.Added one, double seconds) {
    Ability.Accuracy accuracy = one.ability().accuracy();
    Json perBenchmark = new Json();
    one.ability()
        .accuracyByBenchmark()
        .forEach((name, value) -> perBenchmark.put(name, json(value)));
    return new Json()
        .put("model", one.model())
        .put("answers", one.knownAnswers() + one.otherAnswers())
        .put("knownAnswers", one.knownAnswers())
        .put("seconds", seconds)
        .put("accuracy", json(accuracy))
        .put("perBenchmark", perBenchmark);
  }

  static Json json(Ability.Accuracy accuracy) {
    return new Json()
        .put("predictedAccuracy", accuracy.value())
        .put("low", accuracy.low())
        .put("high", accuracy.high());
  }

  private void print(List<ModelAddition.Added> added) {
    TextTable table = new TextTable("model", "answers", "accuracy", "95 % interval");
    for (ModelAddition.Added one : added) {
      Ability.Accuracy accuracy = one.ability().accuracy();
      table.row(
          one.model(),
          Integer.toString(one.knownAnswers() + one.otherAnswers()),
          TextTable.percent(accuracy.value()),
          "%s to %s"
              .formatted(
                  TextTable.number(100 * accuracy.low(), 1),
                  TextTable.number(100 * accuracy.high(), 1)));
    }
    table.print(console);
    console.line("accuracy over the questions the pool was trained on; wrote %s", target);
  }
}
