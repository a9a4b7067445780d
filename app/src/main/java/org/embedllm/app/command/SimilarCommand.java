package org.embedllm.app.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.cli.Json;
import org.embedllm.app.cli.TextTable;
import org.embedllm.app.task.ModelInput;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.correctness.SharedAnswers;
import org.embedllm.factorization.ModelEmbeddings;
import org.embedllm.facts.OutputSimilarity;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `embedllm similar MODEL NAME`: the models that answer most alike.
@Command(
    name = "similar",
    description = "Shows the models whose vectors are nearest to one.",
    footer = {
      "",
      "distance: root mean square difference of two models' logits over the training questions.",
      "shared: training questions that both answered. With few of them the distance comes from",
      "the vectors, not from a comparison. agreement: share of those answered alike.",
    })
public final class SimilarCommand implements Callable<Integer> {
  @Mixin private Console console;

  @Parameters(index = "0", paramLabel = "MODEL", description = "Model file that train wrote.")
  private Path model = Path.of("");

  @Parameters(index = "1", paramLabel = "NAME", description = "Model of the pool.")
  private String name = "";

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Number of models to show. Default: ${DEFAULT-VALUE}.",
      defaultValue = "10")
  private int limit;

  @Option(
      names = "--by",
      paramLabel = "WHAT",
      description =
          "answers (vectors), or outputs: what the models write, in a pool trained with --outputs."
              + " Default: ${DEFAULT-VALUE}.",
      defaultValue = "answers")
  private String by = "answers";

  @Override
  public Integer call() throws IOException {
    ModelInput input = ModelInput.open(model);
    int row = input.row(name);
    if (by.equals("outputs")) {
      return byOutputs(input, row);
    }
    if (!by.equals("answers")) {
      throw BadInputException.of("--by must be answers or outputs; got \"" + by + "\"");
    }
    Optional<TrainingQuestions> questions = input.questions();
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    TextTable table = new TextTable("model", "distance", "shared", "agreement");
    for (ModelEmbeddings.Neighbor neighbor :
        input.artifact().embeddings().nearest(name, Math.max(0, limit))) {
      Optional<SharedAnswers> shared =
          questions.map(q -> SharedAnswers.of(q.matrix(), row, input.row(neighbor.model())));
      int cells = shared.map(SharedAnswers::cells).orElse(0);
      double agreement = shared.map(SharedAnswers::agreement).orElse(Double.NaN);
      rows.add(
          new Json()
              .put("model", neighbor.model())
              .put("distance", neighbor.distance())
              .put("sharedCells", shared.isPresent() ? cells : null)
              .put("agreement", agreement)
              .document());
      table.row(
          neighbor.model(),
          TextTable.number(neighbor.distance(), 4),
          shared.isPresent() ? TextTable.count(cells) : "–",
          TextTable.percent(agreement));
    }
    Json json = new Json().put("model", name).put("neighbors", rows);
    if (questions.isEmpty()) {
      json.put("sharedCellsReason", input.withoutQuestions());
    }
    console.json(json.document());
    console.line(
        "Nearest to %s, which answered %,d training questions",
        name, input.artifact().training().cells(row));
    console.line("");
    table.print(console);
    if (questions.isEmpty()) {
      console.line("shared answers are not known: %s", input.withoutQuestions());
    }
    return ExitStatus.DONE;
  }

  private int byOutputs(ModelInput input, int row) {
    FloatMatrix means = input.artifact().tensors().get(OutputSimilarity.MEANS);
    if (means == null || row >= means.rows() || !OutputSimilarity.hasTexts(means, row)) {
      throw BadInputException.in(
          model, "does not know what %s writes: train it with --outputs".formatted(name));
    }
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    TextTable table = new TextTable("model", "distance");
    IntStream.range(0, means.rows())
        .filter(i -> i != row && OutputSimilarity.hasTexts(means, i))
        .boxed()
        .sorted(Comparator.comparingDouble(i -> OutputSimilarity.distance(means, row, i)))
        .limit(Math.max(0, limit))
        .forEach(i -> {
          double distance = OutputSimilarity.distance(means, row, i);
          rows.add(
              new Json().put("model", input.models().get(i)).put("distance", distance).document());
          table.row(input.models().get(i), TextTable.number(distance, 4));
        });
    console.json(
        new Json().put("model", name).put("by", "outputs").put("neighbors", rows).document());
    console.line("Nearest to %s by what the models write", name);
    console.line("");
    table.print(console);
    return ExitStatus.DONE;
  }
}
