package org.embedllm.source;

import java.util.Map;
import java.util.Optional;

/// How sources are read.
///
/// @param format name of the layout of every source, or empty to recognize it
/// @param conflicts how differing answers of one model to one question are merged
/// @param resplit shares of a new split that replaces whatever the sources bring, or empty to keep
///   a split that they bring and to make one of [SplitShares#DEFAULT] where they bring none
/// @param seed seed of a split made here
/// @param group column whose values keep questions together in a split made here
/// @param metrics metric to read from lm-evaluation-harness logs by task; the task [#EVERY_TASK]
///   means every other one
/// @param filter answer filter to read from lm-evaluation-harness logs, where a task has several
/// @param questionField field of an lm-evaluation-harness document that holds the question's text
/// @param textRequired whether a question must come with its text; without, a `prompt_id` is enough
public record ImportOptions(
    Optional<String> format,
    ConflictRule conflicts,
    Optional<SplitShares> resplit,
    long seed,
    Optional<String> group,
    Map<String, String> metrics,
    Optional<String> filter,
    Optional<String> questionField,
    boolean textRequired) {
  /// Task name for every task without its own metric.
  public static final String EVERY_TASK = "*";

  /// Recognizes the format, merges conflicts by their mean, keeps a split that a source brings.
  public static final ImportOptions DEFAULT =
      new ImportOptions(
          Optional.empty(),
          ConflictRule.MEAN,
          Optional.empty(),
          0,
          Optional.empty(),
          Map.of(),
          Optional.empty(),
          Optional.empty(),
          true);

  public ImportOptions {
    metrics = Map.copyOf(metrics);
  }

  public ImportOptions withFormat(String value) {
    return new ImportOptions(
        Optional.of(value),
        conflicts,
        resplit,
        seed,
        group,
        metrics,
        filter,
        questionField,
        textRequired);
  }

  public ImportOptions withConflicts(ConflictRule value) {
    return new ImportOptions(
        format, value, resplit, seed, group, metrics, filter, questionField, textRequired);
  }

  public ImportOptions withResplit(SplitShares value) {
    return new ImportOptions(
        format,
        conflicts,
        Optional.of(value),
        seed,
        group,
        metrics,
        filter,
        questionField,
        textRequired);
  }

  public ImportOptions withSeed(long value) {
    return new ImportOptions(
        format, conflicts, resplit, value, group, metrics, filter, questionField, textRequired);
  }

  public ImportOptions withGroup(String column) {
    return new ImportOptions(
        format,
        conflicts,
        resplit,
        seed,
        Optional.of(column),
        metrics,
        filter,
        questionField,
        textRequired);
  }

  public ImportOptions withMetrics(Map<String, String> value) {
    return new ImportOptions(
        format, conflicts, resplit, seed, group, value, filter, questionField, textRequired);
  }

  public ImportOptions withFilter(String value) {
    return new ImportOptions(
        format,
        conflicts,
        resplit,
        seed,
        group,
        metrics,
        Optional.of(value),
        questionField,
        textRequired);
  }

  public ImportOptions withQuestionField(String value) {
    return new ImportOptions(
        format, conflicts, resplit, seed, group, metrics, filter, Optional.of(value), textRequired);
  }

  public ImportOptions withTextRequired(boolean value) {
    return new ImportOptions(
        format, conflicts, resplit, seed, group, metrics, filter, questionField, value);
  }
}
