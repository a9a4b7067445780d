package org.embedllm.app.summary;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.Json;
import org.embedllm.correctness.CellMeasures;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.EvaluationData;
import org.embedllm.correctness.Measure;
import org.embedllm.correctness.QuestionSplit;
import org.embedllm.correctness.SplitPart;
import org.embedllm.dataset.Dataset;
import org.embedllm.dataset.ImportReport;
import org.embedllm.quality.AccuracyTable;
import org.embedllm.quality.Alarm;
import org.embedllm.quality.Alarms;
import org.embedllm.quality.NearDuplicates;
import org.embedllm.storage.Printable;
import org.jspecify.annotations.Nullable;

/// What a data set holds, and what a person should ask about it: `import` shows it at once,
/// `inspect` later.
///
/// @param dataset the data set
/// @param table accuracy by model and benchmark
/// @param nearDuplicates questions of validation and test with a near-duplicate in training
/// @param alarms what a person should ask about
public record DatasetSummary(
    Dataset dataset, AccuracyTable table, int nearDuplicates, List<Alarm> alarms) {

  public static DatasetSummary of(Dataset dataset) {
    EvaluationData data = dataset.data();
    // Of a large data set each of the two takes a second.
    var near =
        CompletableFuture.supplyAsync(
            () -> NearDuplicates.acrossSplit(data.matrix().questions(), data.split()));
    AccuracyTable table = AccuracyTable.of(data.matrix());
    List<Alarm> alarms = new ArrayList<>(Alarms.of(data, table, dataset.report().contradictions()));
    Alarms.ofNearDuplicates(near.join()).ifPresent(alarms::add);
    return new DatasetSummary(dataset, table, near.join(), alarms);
  }

  /// The keys of `import --json` and of `inspect DATASET --json`.
  public Json json() {
    EvaluationData data = dataset.data();
    CorrectnessMatrix matrix = data.matrix();
    ImportReport report = dataset.report();
    Json splits = new Json();
    for (SplitPart part : SplitPart.values()) {
      splits.put(part.label(), data.split().questions(part).length);
    }
    CellMeasures measures = data.measures();
    return new Json()
        .put("questions", matrix.questionCount())
        .put("models", matrix.modelCount())
        .put("cells", matrix.cellCount())
        .put("conflicts", report.conflicts())
        .put("sharedPrompts", report.sharedPrompts())
        .put("splits", splits)
        .put("splitBrought", report.splitBrought())
        .put("unobservedRows", report.unobservedRows())
        .put("benchmarks", table.byBenchmark().stream().map(DatasetSummary::benchmark).toList())
        .put("perModel", perModel())
        .put("attributes", attributes())
        .put(
            "usage",
            new Json()
                .put("inputTokens", measures.known(Measure.INPUT_TOKENS))
                .put("outputTokens", measures.known(Measure.OUTPUT_TOKENS))
                .put("cost", measures.known(Measure.COST))
                .put("latency", measures.known(Measure.SECONDS)))
        .put("repeats", measures.known(Measure.REPEATS))
        .put("scoreVariances", measures.known(Measure.SCORE_VARIANCE))
        .put("references", dataset.references().size())
        .put("outputs", !dataset.outputs().isEmpty())
        .put("votes", data.votes().size())
        .put("nearDuplicates", nearDuplicates)
        .put("alarms", alarms.stream().map(DatasetSummary::alarm).toList())
        .put("skipped", report.skipped().stream().map(DatasetSummary::skipped).toList())
        .put("remarks", report.warnings());
  }

  /// Accuracy and number of answers by model, over all and by benchmark.
  private Json perModel() {
    Json models = new Json();
    for (int i = 0; i < table.models().size(); i++) {
      Json benchmarks = new Json();
      for (int b = 0; b < table.benchmarks().size(); b++) {
        AccuracyTable.Entry entry = table.entry(i, b);
        if (entry.cells() > 0) {
          benchmarks.put(entry.benchmark(), accuracy(entry));
        }
      }
      models.put(table.models().get(i), accuracy(table.ofModel(i)).put("perBenchmark", benchmarks));
    }
    return models;
  }

  private static Json accuracy(AccuracyTable.Entry entry) {
    return new Json().put("accuracy", number(entry)).put("cells", entry.cells());
  }

  private static @Nullable Object number(AccuracyTable.Entry entry) {
    return entry.cells() == 0 ? null : entry.accuracy();
  }

  private static Map<String, @Nullable Object> benchmark(AccuracyTable.Entry entry) {
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    row.put("benchmark", entry.benchmark());
    row.put("questions", entry.questions());
    row.put("accuracy", number(entry));
    row.put("cells", entry.cells());
    return row;
  }

  private static Map<String, Object> alarm(Alarm alarm) {
    return Map.of("kind", alarm.kind().label(), "text", alarm.text());
  }

  private static Map<String, Object> skipped(ImportReport.SkippedTask task) {
    return Map.of("task", task.task(), "reason", task.reason());
  }

  private List<String> attributes() {
    TreeSet<String> names = new TreeSet<>();
    dataset
        .data()
        .matrix()
        .questions()
        .forEach(question -> names.addAll(question.attributes().names()));
    return List.copyOf(names);
  }

  /// The summary for people.
  public void print(Console console) {
    EvaluationData data = dataset.data();
    CorrectnessMatrix matrix = data.matrix();
    QuestionSplit parts = data.split();
    ImportReport report = dataset.report();
    long possible = (long) matrix.modelCount() * matrix.questionCount();
    boolean votesAlone = matrix.cellCount() == 0 && !data.votes().isEmpty();
    console.line(
        "%,d models, %,d questions, %s",
        matrix.modelCount(),
        matrix.questionCount(),
        votesAlone
            ? "%,d votes".formatted(data.votes().size())
            : "%,d answers (%.1f %% of the table observed)"
                .formatted(matrix.cellCount(), 100.0 * matrix.cellCount() / Math.max(1, possible)));
    console.line(
        "split %s: training %,d, validation %,d, test %,d questions",
        report.splitBrought() ? "brought by the sources" : "made here, by question",
        parts.questions(SplitPart.TRAIN).length,
        parts.questions(SplitPart.VALIDATION).length,
        parts.questions(SplitPart.TEST).length);
    if (!votesAlone) {
      console.line(
          "%,d %s (one model's answers to one question differ)%s",
          report.conflicts(),
          report.conflicts() == 1 ? "conflict" : "conflicts",
          report.conflicts() == 0
              ? ""
              : ", settled by " + report.conflictRule().name().toLowerCase(Locale.ROOT));
    }
    if (report.sharedPrompts() > 0) {
      console.line("%,d texts are in more than one part of the split", report.sharedPrompts());
    }
    if (report.unobservedRows() > 0) {
      console.line("%,d rows had no score; their cells stay unobserved", report.unobservedRows());
    }
    printKept(console);
    printTable(console);
    alarms.forEach(alarm ->
        console.line("alarm (%s): %s", alarm.kind().label(), Printable.text(alarm.text())));
    report
        .skipped()
        .forEach(task ->
            console.line(
                "left out: %s",
                Printable.text(
                    task.task() + ": " + task.reason().replaceFirst("^left out:? ", ""))));
    report.warnings().forEach(warning -> console.line("%s", Printable.text(warning)));
  }

  private void printKept(Console console) {
    CellMeasures measures = dataset.data().measures();
    List<String> kept = new ArrayList<>();
    for (Measure measure : measures.measures()) {
      String what = measure == Measure.REPEATS ? "repeats" : measure.column().replace('_', ' ');
      kept.add("%s of %,d answers".formatted(what, measures.known(measure)));
    }
    if (!attributes().isEmpty()) {
      kept.add("attributes " + String.join(", ", attributes()));
    }
    if (!dataset.references().isEmpty()) {
      kept.add("reference answers to %,d questions".formatted(dataset.references().size()));
    }
    if (!dataset.data().votes().isEmpty() && dataset.data().matrix().cellCount() > 0) {
      kept.add("%,d votes".formatted(dataset.data().votes().size()));
    }
    if (!dataset.outputs().isEmpty()) {
      kept.add("answers' texts");
    }
    if (!kept.isEmpty()) {
      console.line("kept: %s", String.join("; ", kept));
    }
  }

  private void printTable(Console console) {
    if (dataset.data().matrix().cellCount() > 0) {
      console.line("");
      new AccuracyTableText(table).print(console);
      console.line("");
    }
  }
}
