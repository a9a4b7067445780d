package org.embedllm.app.command;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.embedllm.app.cli.Console;
import org.embedllm.app.cli.ExitStatus;
import org.embedllm.app.cli.Progress;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.QuestionSplit;
import org.embedllm.correctness.SplitPart;
import org.embedllm.dataset.Dataset;
import org.embedllm.dataset.DatasetDirectory;
import org.embedllm.ingest.DatasetImporter;
import org.embedllm.source.ConflictRule;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.SplitShares;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.storage.BadInputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// `embedllm import SOURCE... --to DATASET`: logs or tables to a data set directory.
@Command(
    name = "import",
    description = "Turns evaluation logs or tables into a data set directory.",
    footer = {
      "",
      "Without --split, sources named train, val and test keep their split; everything else is split",
      "80/10/10 by question. docs/data-formats.md has every accepted layout.",
      "",
      "Example: embedllm import logs/ --to data",
    })
public final class ImportCommand implements Callable<Integer> {
  private static final long LONG_FILE_BYTES = 64L << 20;

  @Mixin private Console console;

  @Parameters(
      arity = "1..*",
      paramLabel = "SOURCE",
      description =
          "CSV, JSONL or Parquet table, folder with train/val/test or responses tables,"
              + " lm-evaluation-harness logs, or another data set.")
  private List<Path> sources = List.of();

  @Option(
      names = "--to",
      required = true,
      paramLabel = "DATASET",
      description = "Data set directory to write.")
  private Path target = Path.of("");

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "csv (or embedllm), jsonl, parquet, lm-eval or dataset. Default: recognized.")
  private @Nullable String format;

  @Option(
      names = "--conflicts",
      paramLabel = "RULE",
      description =
          "mean, majority, first or error: how to merge one model's differing answers to one"
              + " question. Default: mean.")
  private String conflicts = "mean";

  @Option(
      names = "--split",
      paramLabel = "TRAIN/VAL/TEST",
      description = "Split again by question, such as 80/10/10. Default: keep an existing split.")
  private @Nullable String split;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of a split made here. Default: 0.")
  private long seed;

  @Option(
      names = "--group",
      paramLabel = "COLUMN",
      description = "Keep questions with one value of this column in one part of the split.")
  private @Nullable String group;

  @Option(
      names = "--metric",
      paramLabel = "[TASK=]NAME",
      description =
          "Metric of lm-evaluation-harness logs, for one task or for all. Default: the task's first"
              + " accuracy.")
  private List<String> metrics = List.of();

  @Option(
      names = "--filter",
      paramLabel = "NAME",
      description =
          "Answer filter of lm-evaluation-harness logs, where a task has several. Default: the"
              + " task's first.")
  private @Nullable String filter;

  @Option(
      names = "--question-field",
      paramLabel = "FIELD",
      description = "Field of an lm-evaluation-harness document that holds the question's text.")
  private @Nullable String questionField;

  @Option(names = "--force", description = "Replace an existing data set at --to.")
  private boolean force;

  @Override
  public Integer call() {
    ImportOptions options = options();
    DatasetDirectory.requireFree(target, force);
    Dataset dataset = read(options);
    DatasetDirectory.write(dataset, target, force);
    console.json(summary(dataset));
    print(dataset);
    return ExitStatus.DONE;
  }

  private Dataset read(ImportOptions options) {
    ImportBar bar = new ImportBar(console);
    try {
      return new DatasetImporter(options, bar).read(sources);
    } finally {
      bar.close();
    }
  }

  /// One bar for each file that is long enough to wait for.
  private static final class ImportBar implements ImportProgress {
    private final Console console;
    private @Nullable Path current;
    private @Nullable Progress progress;

    ImportBar(Console console) {
      this.console = console;
    }

    @Override
    public void reading(Path file, long bytesRead, long totalBytes) {
      if (totalBytes < LONG_FILE_BYTES) {
        return;
      }
      Progress running = progress;
      if (running == null || !file.equals(current)) {
        close();
        running = console.progress("read " + file.getFileName(), totalBytes >> 20, "MiB");
        progress = running;
        current = file;
      }
      running.advanceTo(bytesRead >> 20);
    }

    void close() {
      Progress running = progress;
      if (running != null) {
        running.close();
        progress = null;
      }
    }
  }

  private ImportOptions options() {
    ImportOptions options = ImportOptions.DEFAULT.withConflicts(rule(conflicts)).withSeed(seed);
    String formatName = format;
    if (formatName != null) {
      options = options.withFormat(formatName);
    }
    String shares = split;
    if (shares != null) {
      options = options.withResplit(SplitShares.parse(shares));
    }
    String column = group;
    if (column != null) {
      options = options.withGroup(column);
    }
    String filterName = filter;
    if (filterName != null) {
      options = options.withFilter(filterName);
    }
    String field = questionField;
    if (field != null) {
      options = options.withQuestionField(field);
    }
    return options.withMetrics(metricByTask());
  }

  private Map<String, String> metricByTask() {
    Map<String, String> byTask = new HashMap<>();
    for (String metric : metrics) {
      int equals = metric.indexOf('=');
      String task = equals < 0 ? ImportOptions.EVERY_TASK : metric.substring(0, equals);
      String name = metric.substring(equals + 1);
      if (task.isBlank() || name.isBlank() || byTask.put(task, name) != null) {
        throw BadInputException.of(
            "--metric is NAME, or TASK=NAME once for each task; got \"" + metric + "\"");
      }
    }
    return byTask;
  }

  private static ConflictRule rule(String name) {
    for (ConflictRule rule : ConflictRule.values()) {
      if (rule.name().toLowerCase(Locale.ROOT).equals(name.toLowerCase(Locale.ROOT))) {
        return rule;
      }
    }
    throw BadInputException.of(
        "--conflicts must be mean, majority, first or error; got \"" + name + "\"");
  }

  private static ObjectNode summary(Dataset dataset) {
    CorrectnessMatrix matrix = dataset.data().matrix();
    QuestionSplit parts = dataset.data().split();
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("questions", matrix.questionCount());
    root.put("models", matrix.modelCount());
    root.put("cells", matrix.cellCount());
    root.put("conflicts", dataset.conflicts());
    root.put("sharedPrompts", dataset.sharedPrompts());
    ObjectNode splits = root.putObject("splits");
    for (SplitPart part : SplitPart.values()) {
      splits.put(part.label(), parts.questions(part).length);
    }
    root.put("splitBrought", dataset.splitBrought());
    root.put("unobservedRows", dataset.unobservedRows());
    ArrayNode remarks = root.putArray("remarks");
    dataset.remarks().forEach(remarks::add);
    return root;
  }

  private void print(Dataset dataset) {
    CorrectnessMatrix matrix = dataset.data().matrix();
    QuestionSplit parts = dataset.data().split();
    long possible = (long) matrix.modelCount() * matrix.questionCount();
    console.line(
        "%,d models, %,d questions, %,d answers (%.1f %% of the table observed)",
        matrix.modelCount(),
        matrix.questionCount(),
        matrix.cellCount(),
        100.0 * matrix.cellCount() / possible);
    console.line(
        "split %s: train %,d, val %,d, test %,d questions",
        dataset.splitBrought() ? "brought by the sources" : "made here, by question",
        parts.questions(SplitPart.TRAIN).length,
        parts.questions(SplitPart.VALIDATION).length,
        parts.questions(SplitPart.TEST).length);
    console.line(
        "%,d %s (one model's answers to one question differ)%s",
        dataset.conflicts(),
        dataset.conflicts() == 1 ? "conflict" : "conflicts",
        dataset.conflicts() == 0
            ? ""
            : ", settled by " + dataset.conflictRule().name().toLowerCase(Locale.ROOT));
    if (dataset.sharedPrompts() > 0) {
      console.line("%,d texts are in two parts of the split", dataset.sharedPrompts());
    }
    if (dataset.unobservedRows() > 0) {
      console.line("%,d rows had no score; their cells stay unobserved", dataset.unobservedRows());
    }
    dataset.remarks().forEach(remark -> console.line("%s", remark));
    console.line("wrote %s", target);
  }
}
