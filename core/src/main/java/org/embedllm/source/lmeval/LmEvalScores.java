package org.embedllm.source.lmeval;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.Scores;
import org.embedllm.source.TaskOptions;
import org.embedllm.source.file.Origin;
import org.embedllm.storage.BadInputException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Which of a task's metrics is its score: the one that was asked for, else the first of the task's
/// own metrics that says right or wrong. The choice is made once for a task, for every model.
final class LmEvalScores {
  /// Fields of a sample that are no metrics.
  static final Set<String> NOT_METRICS =
      Set.of(
          "doc_id",
          "doc",
          "target",
          "arguments",
          "resps",
          "filtered_resps",
          "filter",
          "metrics",
          "doc_hash",
          "prompt_hash",
          "target_hash");

  /// Metrics that say right or wrong, or a share of right; others can be in [0, 1] by chance.
  private static final Set<String> ACCURACIES =
      Set.of(
          "exact_match",
          "acc",
          "acc_norm",
          "em",
          "mc1",
          "mc2",
          "pass@1",
          "pass_at_1",
          "prompt_level_strict_acc",
          "prompt_level_loose_acc",
          "math_verify",
          "bleu_acc",
          "contains",
          "f1");

  private final ImportOptions options;
  private final Map<String, String> metricByTask = new HashMap<>();

  private final Set<String> filters = new LinkedHashSet<>(); // met by name

  LmEvalScores(ImportOptions options) {
    this.options = options;
  }

  /// A filter was met in a log.
  void met(String filter) {
    filters.add(filter);
  }

  /// Refuses a requested filter that no task has. Where one task has it, the others use their own
  /// first one.
  void requireAskedFilter() {
    options
        .tasks()
        .filter()
        .filter(asked -> !filters.isEmpty() && !filters.contains(asked))
        .ifPresent(asked -> {
          throw BadInputException.of(
              "no task has answers of filter %s; they have %s; choose one with --filter"
                  .formatted(asked, String.join(", ", filters)));
        });
  }

  /// The metric of a task, chosen at its first sample; empty when none of them can be a score.
  Optional<String> metric(LmEvalRun run, String task, ObjectNode sample) {
    Optional<String> known = Optional.ofNullable(metricByTask.get(task));
    if (known.isPresent()) {
      return known;
    }
    Optional<String> chosen =
        Optional.ofNullable(options.tasks().metrics().get(task))
            .or(() -> Optional.ofNullable(options.tasks().metrics().get(TaskOptions.EVERY_TASK)))
            .or(() -> choose(run, task, sample));
    chosen.ifPresent(metric -> metricByTask.put(task, metric));
    return chosen;
  }

  /// The score of a sample.
  ///
  /// @return a score in [0, 1], or NaN where the sample has none
  static float score(String metric, String task, ObjectNode sample, Origin at) {
    JsonNode value = sample.path(metric);
    if (value.isMissingNode()) {
      throw at.problem(
          "has no metric %s; it has %s; choose one with --metric %s=NAME"
              .formatted(metric, String.join(", ", names(sample)), task));
    }
    float score = value(value);
    if (score == Scores.NOT_A_SCORE) {
      throw at.problem(
          "%s must be between 0 and 1; got %s; choose another metric with --metric %s=NAME (%s)"
              .formatted(metric, value, task, String.join(", ", names(sample))));
    }
    return score;
  }

  private static Optional<String> choose(LmEvalRun run, String task, ObjectNode sample) {
    Set<String> candidates = new LinkedHashSet<>();
    for (String name : run.metrics(task)) {
      candidates.add(name);
    }
    candidates.addAll(names(sample));
    candidates.removeIf(name ->
        !sample.has(name)
            || run.lowerIsBetter(task, name)
            || value(sample.path(name)) == Scores.NOT_A_SCORE);
    return candidates.stream()
        .filter(ACCURACIES::contains)
        .findFirst()
        .or(() -> candidates.stream().findFirst());
  }

  private static float value(JsonNode value) {
    if (value.isNull()) {
      return Float.NaN;
    }
    return value.isContainer() ? Scores.NOT_A_SCORE : Scores.score(value.asString());
  }

  /// Names of the metrics of a sample, in its own order.
  static List<String> names(ObjectNode sample) {
    List<String> names = new ArrayList<>();
    sample.path("metrics").valueStream().forEach(name -> names.add(name.asString("")));
    sample.propertyNames().stream()
        .filter(name -> !NOT_METRICS.contains(name) && !names.contains(name))
        .forEach(names::add);
    return names;
  }
}
