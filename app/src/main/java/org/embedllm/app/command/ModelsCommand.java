package org.embedllm.app.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.cli.Json;
import org.embedllm.app.cli.TextTable;
import org.embedllm.app.task.ModelInput;
import org.embedllm.app.task.VoteLeaderboard;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.forecast.ForecastQuantity;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `embedllm models MODEL`: the pool, with each model's accuracy on the training questions.
@Command(
    name = "models",
    description =
        "Lists the models of a pool with their accuracy; of a pool from votes, with how often each is"
            + " preferred over an average model.")
public final class ModelsCommand implements Callable<Integer> {
  @Mixin private Console console;

  @Parameters(paramLabel = "MODEL", description = "Model file that train wrote.")
  private Path model = Path.of("");

  @Override
  public Integer call() throws IOException {
    ModelInput input = ModelInput.open(model);
    ModelArtifact artifact = input.artifact();
    if (artifact.quantity() == ForecastQuantity.PREFERENCE) {
      return leaderboard(input);
    }
    AnswerCounts counts = artifact.training();
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    TextTable table =
        new TextTable("model", "accuracy", "answers", "best at", "worst at")
            .dropFirst("answers", "worst at");
    int[] byAccuracy =
        IntStream.range(0, counts.models().size())
            .boxed()
            .sorted(
                Comparator.comparingDouble(
                        (Integer i) -> counts.cells(i) == 0 ? -1 : counts.accuracy(i))
                    .reversed())
            .mapToInt(Integer::intValue)
            .toArray();
    for (int i : byAccuracy) {
      Json perBenchmark = new Json();
      counts
          .benchmarks()
          .forEach(benchmark ->
              perBenchmark.put(
                  benchmark,
                  new Json()
                      .put("accuracy", counts.accuracy(i, benchmark))
                      .put("cells", counts.cells(i, benchmark))));
      rows.add(
          new Json()
              .put("model", counts.models().get(i))
              .put("accuracy", counts.accuracy(i))
              .put("cells", counts.cells(i))
              .put("perBenchmark", perBenchmark)
              .document());
      table.row(
          counts.models().get(i),
          TextTable.percent(counts.accuracy(i)),
          TextTable.count(counts.cells(i)),
          extreme(counts, i, 1),
          extreme(counts, i, -1));
    }
    console.json(rows);
    console.line(
        "%d models; accuracy over the training questions each was asked, of %,d",
        counts.models().size(), counts.questions());
    console.line("");
    table.print(console);
    return ExitStatus.DONE;
  }

  /// A pool from votes alone, by the probability that a model is preferred.
  private int leaderboard(ModelInput input) throws IOException {
    AnswerCounts counts = input.artifact().training();
    VoteLeaderboard board = VoteLeaderboard.of(input.artifact(), input.questions());
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (VoteLeaderboard.Entry entry : board.entries()) {
      Json perBenchmark = new Json();
      entry
          .perBenchmark()
          .forEach((name, mean) ->
              perBenchmark.put(
                  name,
                  VoteLeaderboard.json(
                      new Json()
                          .put("accuracy", counts.accuracy(entry.row(), name))
                          .put("cells", counts.cells(entry.row(), name)),
                      mean)));
      rows.add(
          VoteLeaderboard.json(
                  QuantityText.json(
                          new Json().put("model", entry.model()), ForecastQuantity.PREFERENCE)
                      .put("accuracy", counts.accuracy(entry.row()))
                      .put("cells", counts.cells(entry.row())),
                  entry.overall())
              .put("perBenchmark", perBenchmark)
              .document());
    }
    console.json(rows);
    console.line(
        "%d models by votes on %,d training questions", counts.models().size(), counts.questions());
    console.line("");
    board.print(console);
    QuantityText.explain(ForecastQuantity.PREFERENCE, console);
    return ExitStatus.DONE;
  }

  /// The benchmark a model was best (sign 1) or worst (sign −1) at, with its accuracy.
  private static String extreme(AnswerCounts counts, int model, int sign) {
    return counts.benchmarks().stream()
        .filter(benchmark -> counts.cells(model, benchmark) > 0)
        .max(Comparator.comparingDouble(benchmark -> sign * counts.accuracy(model, benchmark)))
        .map(benchmark -> benchmark + " " + TextTable.percent(counts.accuracy(model, benchmark)))
        .orElse("–");
  }
}
