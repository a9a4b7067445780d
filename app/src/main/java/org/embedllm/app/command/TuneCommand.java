package org.embedllm.app.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.cli.Json;
import org.embedllm.app.cli.ProgramVersion;
import org.embedllm.app.cli.Progress;
import org.embedllm.app.cli.TextTable;
import org.embedllm.app.experiment.run.ResultCache;
import org.embedllm.app.option.TrainingFlags;
import org.embedllm.app.task.DatasetVectors;
import org.embedllm.app.task.TrainingSelection;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Question;
import org.embedllm.dataset.Dataset;
import org.embedllm.factorization.MatrixFactorizationTrainer;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.factorization.TrainingProblem;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.neighbors.NeighborCountChoice;
import org.embedllm.question.QuestionVectors;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.UserCache;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.DoubleNode;

/// `embedllm tune DATASET`: the dimension of the factorization and the number of neighbors, chosen
/// on validation questions.
@Command(
    name = "tune",
    description = "Chooses d for the factorization and k for nearest neighbors on validation.",
    footer = {
      "",
      "d is for the linear factorization: pass it to train with --dimension. The kernel factorization",
      "of train chooses its own d, and train chooses k by itself.",
      "",
      "Finished trainings are kept in the cache folder, so an interrupted command goes on from there."
    })
public final class TuneCommand implements Callable<Integer> {
  @Mixin private Console console;
  @Mixin private TrainingFlags flags;
  @Mixin private TrainingSelection selection;

  @Parameters(paramLabel = "DATASET", description = "Data set, or a table.")
  private Path dataset = Path.of("");

  @Option(
      names = "--dimensions",
      split = ",",
      paramLabel = "D",
      description = "Values of d to try. Default: 8,16,32,64,128,232.")
  private List<Integer> dimensions = List.of(8, 16, 32, 64, 128, 232);

  @Option(
      names = "--neighbors",
      split = ",",
      paramLabel = "K",
      description = "Values of k to try. Default: 14 values from 1 to 301.")
  private List<Integer> neighbors = NeighborCountChoice.CANDIDATES;

  @Override
  public Integer call() throws IOException {
    TrainingOptions options = flags.options();
    if (neighbors.stream().anyMatch(k -> k < 1)) {
      throw BadInputException.of("--neighbors must be 1 or more; got " + neighbors);
    }
    Dataset loaded = DatasetLoader.load(dataset);
    TrainingSelection.Chosen chosen = selection.choose(loaded.data(), options.seed());
    if (chosen.validation().cellCount() == 0) {
      throw BadInputException.in(dataset, "has no validation answers to choose with");
    }
    List<Question> questions = new ArrayList<>(chosen.train().questions());
    questions.addAll(chosen.validation().questions());
    QuestionVectors vectors = new DatasetVectors(loaded, console).of(questions, flags.encoder());
    NeighborCountChoice k = neighbors(chosen, vectors, options.threads());
    Optional<ResultCache> kept = kept(loaded.data(), chosen, vectors, options);
    Map<Integer, Double> d = dimensions(chosen, vectors, options, kept);
    int chosenDimension = best(d);
    console.json(
        new Json()
            .put("d", d)
            .put("k", k.accuracies())
            .put("chosen", new Json().put("d", chosenDimension).put("k", k.k()))
            .document());
    print("d", d, chosenDimension);
    console.line("");
    print("k", k.accuracies(), k.k());
    console.line("");
    console.line(
        "chosen on %d validation questions: d = %d, k = %d",
        chosen.validation().questionCount(), chosenDimension, k.k());
    return ExitStatus.DONE;
  }

  private NeighborCountChoice neighbors(
      TrainingSelection.Chosen chosen, QuestionVectors vectors, int threads) {
    return NeighborCountChoice.choose(
        chosen.train(),
        vectors.of(chosen.train().questions()),
        chosen.validation(),
        vectors.of(chosen.validation().questions()),
        neighbors,
        threads);
  }

  private Map<Integer, Double> dimensions(
      TrainingSelection.Chosen chosen,
      QuestionVectors vectors,
      TrainingOptions options,
      Optional<ResultCache> kept) {
    TrainingProblem problem =
        TrainingProblem.of(chosen.train(), vectors).withValidation(chosen.validation(), vectors);
    Map<Integer, Double> accuracies = new TreeMap<>();
    try (Progress progress = console.progress("tune", dimensions.size(), "trainings")) {
      for (int d : dimensions) {
        String key = "dimension " + d;
        Optional<JsonNode> known = kept.flatMap(cache -> cache.json(key));
        double accuracy =
            known.isPresent()
                ? known.get().asDouble()
                : accuracy(problem, options.withDimension(d));
        accuracies.put(d, accuracy);
        kept.ifPresent(cache -> cache.put(key, DoubleNode.valueOf(accuracy)));
        progress.advanceTo(accuracies.size());
      }
    }
    return accuracies;
  }

  private static double accuracy(TrainingProblem problem, TrainingOptions options) {
    var history = new MatrixFactorizationTrainer(options).fit(problem).history();
    return history.epochs().getLast().validationAccuracy().orElse(Double.NaN);
  }

  /// Finished trainings, from which an interrupted command goes on; empty where the user keeps no
  /// cache.
  private static Optional<ResultCache> kept(
      EvaluationData data,
      TrainingSelection.Chosen chosen,
      QuestionVectors vectors,
      TrainingOptions options) {
    String everything =
        String.join(
            "\n",
            data.digest(),
            chosen.provenance().toString(),
            vectors.encoder().toString(),
            options.withThreads(1).toString(),
            ProgramVersion.text());
    return UserCache.ofUser(System.getenv())
        .map(cache -> ResultCache.of(cache.resolve("tune"), everything));
  }

  /// The value with the highest accuracy, of equal ones the smallest.
  private static int best(Map<Integer, Double> accuracies) {
    return accuracies.entrySet().stream()
        .max(
            Map.Entry.<Integer, Double>comparingByValue()
                .thenComparing(Map.Entry.<Integer, Double>comparingByKey().reversed()))
        .orElseThrow()
        .getKey();
  }

  private void print(String name, Map<Integer, Double> accuracies, int chosen) {
    TextTable table = new TextTable(name, "validation accuracy");
    accuracies.forEach((value, accuracy) ->
        table.row(value + (value == chosen ? " *" : ""), TextTable.percent(accuracy)));
    table.print(console);
  }
}
