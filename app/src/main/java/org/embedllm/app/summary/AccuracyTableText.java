package org.embedllm.app.summary;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.TextTable;
import org.embedllm.quality.AccuracyTable;
import org.embedllm.storage.Printable;

/// Accuracy and number of answers by model and benchmark, as a person can read it in the width of a
/// terminal: a row for each model where all benchmarks fit; with few models a row for each
/// benchmark; else the extremes of both.
///
/// @param table the numbers
record AccuracyTableText(AccuracyTable table) {
  /// Models that fit beside the names of benchmarks in 80 columns, by number.
  private static final int MOST_NUMBERED = 7;

  private static final int MOST_MODELS = 60;

  /// Of more models, so many of the best and of the worst are shown.
  private static final int EXTREMES = 5;

  private static final int BENCHMARK_WIDTH = 20;
  private static final int MODEL_WIDTH = 24;
  private static final int BEST_WIDTH = 19;

  void print(Console console) {
    TextTable whole = byModel();
    if (models().size() <= MOST_MODELS && (whole.fits(console) || isOneBenchmark())) {
      whole.print(console);
      return;
    }
    if (models().size() <= MOST_NUMBERED) {
      console.line("accuracy in %%, models by number:");
      for (int i = 0; i < models().size(); i++) {
        console.line("%d  %s", i + 1, Printable.text(models().get(i)));
      }
      console.line("");
      byNumber().print(console);
      return;
    }
    List<Integer> best =
        IntStream.range(0, models().size())
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -known(table.ofModel(i).accuracy())))
            .toList();
    boolean all = best.size() <= MOST_MODELS;
    int hidden = best.size() - 2 * EXTREMES;
    extremesByModel(
            all
                ? IntStream.range(0, best.size()).boxed().toList()
                : Stream.concat(
                        best.subList(0, EXTREMES).stream(),
                        best.subList(best.size() - EXTREMES, best.size()).stream())
                    .toList())
        .print(console);
    if (!all) {
      console.line(
          "The %d best and the %d worst models; %,d between them are in --json.",
          EXTREMES, EXTREMES, hidden);
    }
    console.line("");
    extremesByBenchmark().print(console);
  }

  private List<String> models() {
    return table.models();
  }

  private boolean isOneBenchmark() {
    return table.benchmarks().size() == 1;
  }

  private TextTable byModel() {
    // One benchmark is all that there is.
    String only = isOneBenchmark() ? table.benchmarks().getFirst() : "";
    List<String> benchmarks = isOneBenchmark() ? List.of() : table.benchmarks();
    String[] header = new String[benchmarks.size() + 2];
    header[0] = "accuracy (answers)";
    header[1] = only.isEmpty() ? "all" : named(only);
    for (int b = 0; b < benchmarks.size(); b++) {
      header[b + 2] = named(benchmarks.get(b));
    }
    TextTable text = new TextTable(header);
    for (int i = 0; i < models().size(); i++) {
      String[] row = new String[header.length];
      row[0] = Printable.text(models().get(i));
      row[1] = cell(table.ofModel(i));
      for (int b = 0; b < benchmarks.size(); b++) {
        row[b + 2] = cell(table.entry(i, b));
      }
      text.row(row);
    }
    return text;
  }

  /// A row for each benchmark, and one for all of them.
  private TextTable byNumber() {
    String[] header = new String[models().size() + 2];
    header[0] = "benchmark";
    header[1] = "answers";
    String[] last = header.clone();
    last[0] = "all";
    last[1] =
        "%,d"
            .formatted(
                IntStream.range(0, models().size()).mapToLong(i -> table.ofModel(i).cells()).sum());
    for (int i = 0; i < models().size(); i++) {
      header[i + 2] = Integer.toString(i + 1);
      last[i + 2] = percentage(table.ofModel(i));
    }
    TextTable text = new TextTable(header);
    List<AccuracyTable.Entry> benchmarks = table.byBenchmark();
    for (int b = 0; b < benchmarks.size(); b++) {
      String[] row = new String[header.length];
      row[0] = shortened(named(benchmarks.get(b).benchmark()), BENCHMARK_WIDTH);
      row[1] = "%,d".formatted(benchmarks.get(b).cells());
      for (int i = 0; i < models().size(); i++) {
        row[i + 2] = percentage(table.entry(i, b));
      }
      text.row(row);
    }
    return text.row(last);
  }

  /// Models with the benchmark on which each is worst.
  private TextTable extremesByModel(List<Integer> shown) {
    TextTable text = new TextTable("model", "accuracy", "answers", "lowest", "on benchmark");
    for (int i : shown) {
      AccuracyTable.Entry all = table.ofModel(i);
      Optional<AccuracyTable.Entry> lowest =
          IntStream.range(0, table.benchmarks().size())
              .mapToObj(b -> table.entry(i, b))
              .filter(entry -> entry.cells() > 0)
              .min(Comparator.comparingDouble(AccuracyTable.Entry::accuracy));
      text.row(
          model(i, MODEL_WIDTH),
          TextTable.percent(all.accuracy()),
          "%,d".formatted(all.cells()),
          lowest.map(entry -> TextTable.percent(entry.accuracy())).orElse("–"),
          lowest.map(entry -> shortened(named(entry.benchmark()), MODEL_WIDTH)).orElse("–"));
    }
    return text;
  }

  /// Benchmarks with the lowest and the highest accuracy of a model.
  private TextTable extremesByBenchmark() {
    TextTable text =
        new TextTable("benchmark", "answers", "accuracy", "lowest", "highest", "of model");
    List<AccuracyTable.Entry> benchmarks = table.byBenchmark();
    for (int b = 0; b < benchmarks.size(); b++) {
      int benchmark = b;
      List<Integer> answered =
          IntStream.range(0, models().size())
              .filter(i -> table.entry(i, benchmark).cells() > 0)
              .boxed()
              .sorted(Comparator.comparingDouble(i -> table.entry(i, benchmark).accuracy()))
              .toList();
      AccuracyTable.Entry all = benchmarks.get(b);
      boolean none = answered.isEmpty();
      text.row(
          shortened(named(all.benchmark()), BENCHMARK_WIDTH),
          "%,d".formatted(all.cells()),
          TextTable.percent(all.accuracy()),
          none ? "–" : TextTable.percent(table.entry(answered.getFirst(), b).accuracy()),
          none ? "–" : TextTable.percent(table.entry(answered.getLast(), b).accuracy()),
          none ? "–" : model(answered.getLast(), BEST_WIDTH));
    }
    return text;
  }

  /// A model's name, where it is too long without its organization.
  private String model(int i, int width) {
    String name = Printable.text(models().get(i));
    String own = name.length() <= width ? name : name.substring(name.lastIndexOf('/') + 1);
    return shortened(own.isEmpty() ? name : own, width);
  }

  private static double known(double accuracy) {
    return Double.isNaN(accuracy) ? -1 : accuracy;
  }

  private static String shortened(String name, int width) {
    return TextTable.shortened(name, width);
  }

  private static String named(String benchmark) {
    return benchmark.isEmpty() ? "(no benchmark)" : Printable.text(benchmark);
  }

  private static String percentage(AccuracyTable.Entry entry) {
    return entry.cells() == 0 ? "–" : TextTable.number(100 * entry.accuracy(), 1);
  }

  private static String cell(AccuracyTable.Entry entry) {
    return entry.cells() == 0
        ? "–"
        : "%s (%,d)".formatted(TextTable.percent(entry.accuracy()), entry.cells());
  }
}
