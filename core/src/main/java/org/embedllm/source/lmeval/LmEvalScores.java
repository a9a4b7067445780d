package org.embedllm.source.lmeval;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.embedllm.source.AccuracyMetrics;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.Scores;
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
    Optional<String> chosen = options.tasks().metric(task).or(() -> choose(run, task, sample));
    chosen.ifPresent(metric -> metricByTask.put(task, metric));
    return chosen;
  }

  /// The score of a sample. A metric that was asked for may be a list, of which the mean counts,
  /// and on another scale than 0 to 1.
  ///
  /// @return a score in [0, 1], NaN where the sample has none, or [Scores#NOT_A_SCORE]
  float score(String metric, String task, ObjectNode sample, Origin at) {
    JsonNode value = sample.path(metric);
    if (value.isMissingNode()) {
      throw at.problem(
          "has no metric %s; it has %s; choose one with --metric %s=NAME"
              .formatted(metric, String.join(", ", names(sample)), task));
    }
    if (options.tasks().metric(task).isEmpty()) {
      return value(value);
    }
    return value.isArray() ? mean(value) : onScale(value);
  }

  private float mean(JsonNode values) {
    double sum = 0;
    for (JsonNode value : values) {
      float score = onScale(value);
      if (score == Scores.NOT_A_SCORE || Float.isNaN(score)) {
        return score;
      }
      sum += score;
    }
    return values.isEmpty() ? Float.NaN : (float) (sum / values.size());
  }

  private float onScale(JsonNode value) {
    if (value.isNumber() && !options.table().scale().isUnit()) {
      double number = value.asDouble();
      return Double.isNaN(number) ? Float.NaN : options.table().scale().score(number);
    }
    return value(value);
  }

  /// What is wrong with a value that is no score, and what to do.
  static String noScore(String metric, String task, ObjectNode sample) {
    if (sample.path(metric).isArray()) {
      return "%s is a list; its mean is taken with --metric %s=%s".formatted(metric, task, metric);
    }
    List<String> others = names(sample).stream().filter(name -> !name.equals(metric)).toList();
    return ("%s must be between 0 and 1; got %s; give its range with --metric %s=%s --scale 0..100,"
            + " leave the task out with --skip %s%s")
        .formatted(
            metric,
            sample.path(metric),
            task,
            metric,
            task,
            others.isEmpty()
                ? ""
                : ", or choose another metric with --metric %s=NAME (%s)"
                    .formatted(task, String.join(", ", others)));
  }

  private static Optional<String> choose(LmEvalRun run, String task, ObjectNode sample) {
    Set<String> candidates = new LinkedHashSet<>(run.metrics(task));
    List<String> declared = declared(sample);
    candidates.addAll(declared.isEmpty() ? names(sample) : declared);
    candidates.removeIf(name ->
        !sample.has(name)
            || run.lowerIsBetter(task, name)
            || value(sample.path(name)) == Scores.NOT_A_SCORE);
    return AccuracyMetrics.first(candidates).or(() -> candidates.stream().findFirst());
  }

  private static float value(JsonNode value) {
    if (value.isNull()) {
      return Float.NaN;
    }
    return value.isContainer() ? Scores.NOT_A_SCORE : Scores.score(value.asString());
  }

  /// The names that a sample itself says are its metrics; none in older logs.
  private static List<String> declared(ObjectNode sample) {
    return sample.path("metrics").valueStream().map(name -> name.asString("")).toList();
  }

  /// Names of the metrics of a sample, in its own order.
  static List<String> names(ObjectNode sample) {
    List<String> names = new ArrayList<>(declared(sample));
    sample.propertyNames().stream()
        .filter(name -> !NOT_METRICS.contains(name) && !names.contains(name))
        .forEach(names::add);
    return names;
  }
}
