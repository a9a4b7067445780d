package org.embedllm.source;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// How sources are read.
///
/// @param format name of the layout of every source, or empty to recognize it
/// @param conflicts how differing answers of one model to one question are merged
/// @param split how questions are divided
/// @param table how tables are read
/// @param tasks how logs of an evaluation harness are read
/// @param attributes column or field of each attribute of a question, by the attribute's name
/// @param outputsKept whether the answers' texts are kept
/// @param textRequired whether a question must come with its text; without, a `prompt_id` is enough
public record ImportOptions(
    Optional<String> format,
    ConflictRule conflicts,
    SplitOptions split,
    TableOptions table,
    TaskOptions tasks,
    Map<String, String> attributes,
    boolean outputsKept,
    boolean textRequired) {
  /// Recognizes the format, merges conflicts by their mean, keeps a split that a source brings.
  public static final ImportOptions DEFAULT =
      new ImportOptions(
          Optional.empty(),
          ConflictRule.MEAN,
          SplitOptions.DEFAULT,
          TableOptions.DEFAULT,
          TaskOptions.DEFAULT,
          Map.of(),
          false,
          true);

  public ImportOptions {
    attributes = java.util.Collections.unmodifiableMap(new TreeMap<>(attributes));
  }

  public ImportOptions withFormat(String value) {
    return new ImportOptions(
        Optional.of(value), conflicts, split, table, tasks, attributes, outputsKept, textRequired);
  }

  public ImportOptions withConflicts(ConflictRule value) {
    return new ImportOptions(
        format, value, split, table, tasks, attributes, outputsKept, textRequired);
  }

  public ImportOptions withSplit(SplitOptions value) {
    return new ImportOptions(
        format, conflicts, value, table, tasks, attributes, outputsKept, textRequired);
  }

  public ImportOptions withTable(TableOptions value) {
    return new ImportOptions(
        format, conflicts, split, value, tasks, attributes, outputsKept, textRequired);
  }

  public ImportOptions withTasks(TaskOptions value) {
    return new ImportOptions(
        format, conflicts, split, table, value, attributes, outputsKept, textRequired);
  }

  public ImportOptions withAttributes(Map<String, String> value) {
    return new ImportOptions(
        format, conflicts, split, table, tasks, value, outputsKept, textRequired);
  }

  public ImportOptions withOutputsKept(boolean value) {
    return new ImportOptions(
        format, conflicts, split, table, tasks, attributes, value, textRequired);
  }

  public ImportOptions withTextRequired(boolean value) {
    return new ImportOptions(
        format, conflicts, split, table, tasks, attributes, outputsKept, value);
  }
}
