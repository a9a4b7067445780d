package org.embedllm.source;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// How the logs of an evaluation harness are read.
///
/// @param metrics metric to read by task; the task [#EVERY_TASK] means every other one
/// @param filter answer filter to read, where a task has several
/// @param questionField field of a document that holds the question's text
/// @param skipped tasks that are left out
public record TaskOptions(
    Map<String, String> metrics,
    Optional<String> filter,
    Optional<String> questionField,
    Set<String> skipped) {
  /// Task name for every task without its own metric.
  public static final String EVERY_TASK = "*";

  /// The task's own first metric and filter, no task left out.
  public static final TaskOptions DEFAULT =
      new TaskOptions(Map.of(), Optional.empty(), Optional.empty(), Set.of());

  public TaskOptions {
    metrics = Map.copyOf(metrics);
    skipped = Set.copyOf(skipped);
  }

  /// The metric that was asked for, for this task or for every one.
  public Optional<String> metric(String task) {
    return Optional.ofNullable(metrics.get(task))
        .or(() -> Optional.ofNullable(metrics.get(EVERY_TASK)));
  }

  public TaskOptions withMetrics(Map<String, String> value) {
    return new TaskOptions(value, filter, questionField, skipped);
  }

  public TaskOptions withFilter(String value) {
    return new TaskOptions(metrics, Optional.of(value), questionField, skipped);
  }

  public TaskOptions withQuestionField(String value) {
    return new TaskOptions(metrics, filter, Optional.of(value), skipped);
  }

  public TaskOptions withSkipped(Set<String> value) {
    return new TaskOptions(metrics, filter, questionField, value);
  }
}
