package org.embedllm.app.option;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.embedllm.source.ColumnRole;
import org.embedllm.source.ConflictRule;
import org.embedllm.source.Grouping;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.ScoreScale;
import org.embedllm.source.SplitOptions;
import org.embedllm.source.SplitShares;
import org.embedllm.source.TableOptions;
import org.embedllm.source.TaskOptions;
import org.embedllm.storage.BadInputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Flags of `import`: how sources are read.
public final class ImportFlags {
  private static final String SIMILAR = "similar";

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description =
          "csv (or embedllm), jsonl, parquet, lm-eval, dataset, inspect, helm, lighteval,"
              + " openai-evals, promptfoo, evalplus, llmrouter, llmrouterbench, routerbench, bfcl,"
              + " alpaca-eval, arena or every-eval-ever. Default: recognized.")
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
      paramLabel = "COLUMN|similar",
      description =
          "Keep questions with one value of this column in one part of the split; similar: those"
              + " whose texts are near-duplicates.")
  private @Nullable String group;

  @Option(
      names = "--metric",
      paramLabel = "[TASK=]NAME",
      description =
          "Metric of evaluation logs, for one task or for all. Default: the task's first accuracy.")
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

  @Option(
      names = "--skip",
      paramLabel = "TASK",
      description = "Leave out a task of evaluation logs; may be given several times.")
  private List<String> skipped = List.of();

  @Option(
      names = "--column",
      paramLabel = "ROLE=NAME",
      description =
          "Column of a table for a role, as often as needed. Roles: model question id score"
              + " benchmark cost input-tokens output-tokens output-characters latency output"
              + " reference options weight score-variance model-a model-b winner split. NAME may be a.b, field b of field a.")
  private List<String> columns = List.of();

  @Option(
      names = "--wide",
      paramLabel = "PATTERN[,PATTERN]",
      description = "Each matching column is a model and holds its scores; * is any text.")
  private @Nullable String wide;

  @Option(
      names = "--scale",
      paramLabel = "LOW..HIGH",
      description = "Range of the scores in tables, such as 0..100. Default: 0..1.")
  private @Nullable String scale;

  @Option(
      names = "--attribute",
      paramLabel = "NAME[=COLUMN]",
      description =
          "Keep a column as an attribute of the question, which forecasts may use; may be given"
              + " several times.")
  private List<String> attributes = List.of();

  @Option(names = "--keep-outputs", description = "Keep the texts that models wrote.")
  private boolean outputsKept;

  public ImportOptions options() {
    ImportOptions options = ImportOptions.DEFAULT.withConflicts(rule(conflicts));
    String formatName = format;
    if (formatName != null) {
      options = options.withFormat(formatName);
    }
    return options
        .withSplit(splitOptions())
        .withTasks(taskOptions())
        .withTable(tableOptions())
        .withAttributes(attributes())
        .withOutputsKept(outputsKept);
  }

  private TableOptions tableOptions() {
    Map<ColumnRole, String> byRole = new EnumMap<>(ColumnRole.class);
    for (String column : columns) {
      int equals = column.indexOf('=');
      String name = column.substring(equals + 1);
      ColumnRole role =
          ColumnRole.labeled(column.substring(0, Math.max(0, equals)))
              .orElseThrow(() ->
                  BadInputException.of(
                      "--column is ROLE=NAME with one of the roles %s; got \"%s\""
                          .formatted(
                              Stream.of(ColumnRole.values())
                                  .map(ColumnRole::label)
                                  .collect(Collectors.joining(", ")),
                              column)));
      if (name.isBlank() || byRole.put(role, name) != null) {
        throw BadInputException.of(
            "--column names one column for each role; got \"" + column + "\"");
      }
    }
    String patterns = wide;
    String range = scale;
    return new TableOptions(
        byRole,
        patterns == null
            ? List.of()
            : Stream.of(patterns.split(",")).map(String::strip).filter(p -> !p.isEmpty()).toList(),
        range == null ? ScoreScale.UNIT : ScoreScale.parse(range));
  }

  private Map<String, String> attributes() {
    Map<String, String> byName = new LinkedHashMap<>();
    for (String attribute : attributes) {
      int equals = attribute.indexOf('=');
      String name = equals < 0 ? attribute : attribute.substring(0, equals);
      String column = attribute.substring(equals + 1);
      if (name.isBlank() || column.isBlank() || byName.put(name, column) != null) {
        throw BadInputException.of(
            "--attribute is NAME or NAME=COLUMN, each name once; got \"" + attribute + "\"");
      }
    }
    return byName;
  }

  private SplitOptions splitOptions() {
    SplitOptions options = SplitOptions.DEFAULT.withSeed(seed);
    String shares = split;
    if (shares != null) {
      options = options.withShares(SplitShares.parse(shares));
    }
    String column = group;
    if (column != null) {
      options =
          options.withGrouping(
              column.equals(SIMILAR) ? new Grouping.Similar() : new Grouping.Column(column));
    }
    return options;
  }

  private TaskOptions taskOptions() {
    if (skipped.stream().anyMatch(String::isBlank)) {
      throw BadInputException.of("--skip needs the name of a task");
    }
    TaskOptions options =
        TaskOptions.DEFAULT.withMetrics(metricByTask()).withSkipped(new LinkedHashSet<>(skipped));
    String filterName = filter;
    if (filterName != null) {
      options = options.withFilter(filterName);
    }
    String field = questionField;
    if (field != null) {
      options = options.withQuestionField(field);
    }
    return options;
  }

  private Map<String, String> metricByTask() {
    Map<String, String> byTask = new HashMap<>();
    for (String metric : metrics) {
      int equals = metric.lastIndexOf('='); // tasks such as mmlu:subject=law have one too
      String task = equals < 0 ? TaskOptions.EVERY_TASK : metric.substring(0, equals);
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
}
