package org.embedllm.app.task;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.Json;
import org.embedllm.app.cli.TextTable;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.artifact.VoteUpdate;
import org.embedllm.correctness.Question;
import org.embedllm.forecast.Forecast.ModelForecast;
import org.embedllm.forecast.ForecastQuantity;
import org.embedllm.logistic.LaplacePosterior;

/// The models of a pool from votes alone, by how often each would be preferred over an average
/// model of the pool: over all training questions, and over each benchmark.
///
/// @param entries the best first
/// @param benchmarks names, sorted
public record VoteLeaderboard(List<Entry> entries, List<String> benchmarks) {
  private static final int SHOWN = 5; // benchmarks with a table of their own

  public VoteLeaderboard {
    entries = List.copyOf(entries);
    benchmarks = List.copyOf(benchmarks);
  }

  /// A model.
  ///
  /// @param row of the model in the pool
  /// @param perBenchmark by name, where there is more than one
  public record Entry(
      int row,
      String model,
      VoteUpdate.MeanProbability overall,
      Map<String, VoteUpdate.MeanProbability> perBenchmark) {
    public Entry {
      perBenchmark = Map.copyOf(perBenchmark);
    }
  }

  /// @param kept the training questions beside the model file, which tell their benchmarks
  public static VoteLeaderboard of(ModelArtifact artifact, Optional<TrainingQuestions> kept) {
    List<String> models = artifact.factorization().models();
    List<Question> questions = kept.map(q -> q.matrix().questions()).orElse(List.of());
    List<String> benchmarks =
        questions.stream()
            .map(Question::benchmark)
            .filter(name -> !name.equals(Question.NO_BENCHMARK))
            .distinct()
            .sorted()
            .toList();
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < models.size(); i++) {
      Optional<LaplacePosterior> known = artifact.vector(i);
      if (known.isEmpty()) {
        continue;
      }
      LaplacePosterior vector = known.get();
      Map<String, VoteUpdate.MeanProbability> perBenchmark = new TreeMap<>();
      for (String benchmark : benchmarks) {
        perBenchmark.put(
            benchmark,
            VoteUpdate.MeanProbability.of(
                artifact, vector, j -> questions.get(j).benchmark().equals(benchmark)));
      }
      entries.add(
          new Entry(
              i, models.get(i), VoteUpdate.MeanProbability.of(artifact, vector), perBenchmark));
    }
    entries.sort(Comparator.comparingDouble((Entry e) -> e.overall().value()).reversed());
    return new VoteLeaderboard(entries, benchmarks);
  }

  /// Name of the first model; empty for a pool from scores.
  public static Optional<String> first(ModelArtifact artifact) {
    return artifact.quantity() == ForecastQuantity.PREFERENCE
        ? artifact.rates().stream()
            .max(Comparator.comparingDouble(ModelForecast::probability))
            .map(ModelForecast::model)
        : Optional.empty();
  }

  /// A mean probability with its interval.
  public static Json json(Json json, VoteUpdate.MeanProbability mean) {
    return json.put("predictedAccuracy", mean.value())
        .put("low", mean.low())
        .put("high", mean.high());
  }

  /// Prints a table of all questions, and one for each benchmark where there are several, up to
  /// [#SHOWN].
  public void print(Console console) {
    print(console, entries, "");
    if (benchmarks.size() > 1) {
      for (String benchmark : benchmarks.stream().limit(SHOWN).toList()) {
        console.line("");
        console.heading("%s", benchmark);
        print(
            console,
            entries.stream()
                .sorted(
                    Comparator.comparingDouble((Entry e) -> of(e, benchmark).value()).reversed())
                .toList(),
            benchmark);
      }
      if (benchmarks.size() > SHOWN) {
        console.line("… and %d more benchmarks (--json has all)", benchmarks.size() - SHOWN);
      }
    }
  }

  private static void print(Console console, List<Entry> sorted, String benchmark) {
    TextTable table = new TextTable("model", "preferred", "95 % interval");
    for (Entry entry : sorted) {
      VoteUpdate.MeanProbability mean = of(entry, benchmark);
      table.row(
          entry.model(),
          TextTable.percent(mean.value()),
          "%s to %s"
              .formatted(
                  TextTable.number(100 * mean.low(), 1), TextTable.number(100 * mean.high(), 1)));
    }
    table.print(console);
  }

  private static VoteUpdate.MeanProbability of(Entry entry, String benchmark) {
    return entry.perBenchmark().getOrDefault(benchmark, entry.overall());
  }
}
