package org.embedllm.source.table;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.embedllm.source.ColumnRole;
import org.embedllm.storage.DidYouMean;

/// The names of columns: how they are compared, and which role a name is near to.
final class ColumnNames {
  /// Names in use that are too unspecific to be recognized; they are offered in errors.
  private static final Map<ColumnRole, List<String>> NEAR =
      Map.ofEntries(
          Map.entry(ColumnRole.MODEL, List.of("system", "generator", "provider", "engine")),
          Map.entry(ColumnRole.ID, List.of("id", "qid", "idx", "index", "uid", "doc_id")),
          Map.entry(
              ColumnRole.QUESTION,
              List.of("input", "query", "instruction", "problem", "request", "content")),
          Map.entry(
              ColumnRole.SCORE,
              List.of(
                  "is_correct",
                  "performance",
                  "accuracy",
                  "acc",
                  "result",
                  "passed",
                  "pass",
                  "success",
                  "grade",
                  "rating",
                  "exact_match",
                  "value")),
          Map.entry(ColumnRole.BENCHMARK, List.of("eval", "subset", "subject", "topic", "domain")),
          Map.entry(ColumnRole.COST, List.of("price", "usd", "dollars")),
          Map.entry(ColumnRole.INPUT_TOKENS, List.of("prompt_tokens", "tokens_in")),
          Map.entry(
              ColumnRole.OUTPUT_TOKENS,
              List.of("completion_tokens", "tokens_out", "generated_tokens")),
          Map.entry(ColumnRole.LATENCY, List.of("response_time", "duration", "elapsed", "time")),
          Map.entry(ColumnRole.OUTPUT, List.of("completion", "generation", "prediction")),
          Map.entry(ColumnRole.MODEL_A, List.of("model_left", "generator_1", "left_model")),
          Map.entry(ColumnRole.MODEL_B, List.of("model_right", "generator_2", "right_model")),
          Map.entry(ColumnRole.WINNER, List.of("winning_model", "vote", "preferred", "preference")),
          Map.entry(ColumnRole.REFERENCE, List.of("answer", "target", "gold", "expected")));

  /// Parts of a name that tell its role where nothing else does.
  private static final Map<String, ColumnRole> PARTS =
      Map.of(
          "model", ColumnRole.MODEL,
          "prompt", ColumnRole.QUESTION,
          "question", ColumnRole.QUESTION,
          "score", ColumnRole.SCORE,
          "correct", ColumnRole.SCORE,
          "latency", ColumnRole.LATENCY,
          "cost", ColumnRole.COST,
          "benchmark", ColumnRole.BENCHMARK);

  /// Names of columns that number the repeats of an answer, which is no role.
  private static final Set<String> NUMBERING =
      Set.of("sample", "repeat", "run", "trial", "attempt", "epoch");

  /// Names of fields that say nothing beside the name of their object.
  private static final List<String> UNSPECIFIC = List.of("name", "text", "content", "value");

  private ColumnNames() {}

  /// A name as names are compared: lower case, with `_` for `-` and spaces.
  static String normal(String name) {
    return name.strip().toLowerCase(Locale.ROOT).replace('-', '_').replace(' ', '_');
  }

  /// The role that a column is most likely meant to have.
  static Optional<ColumnRole> nearest(String column) {
    String name = normal(column.substring(column.lastIndexOf('.') + 1));
    if (column.contains(".") && UNSPECIFIC.contains(name)) {
      // Field name of model says as much as model.
      return nearest(column.substring(0, column.lastIndexOf('.')));
    }
    for (ColumnRole role : ColumnRole.values()) {
      if (names(role).contains(name)) {
        return Optional.of(role);
      }
    }
    return NUMBERING.contains(name) ? Optional.empty() : misspelled(name).or(() -> part(name));
  }

  /// The one of some names that is most like another: nearly spelled so, or part of it.
  static Optional<String> like(String name, List<String> names) {
    String wanted = normal(name);
    return names.stream()
        .filter(other -> {
          String near = normal(other.substring(other.lastIndexOf('.') + 1));
          boolean part =
              Math.min(near.length(), wanted.length()) > 2
                  && (near.contains(wanted) || wanted.contains(near));
          return part || DidYouMean.distance(wanted, near) < Math.min(3, (wanted.length() + 1) / 2);
        })
        .min(Comparator.comparingInt(other -> DidYouMean.distance(wanted, normal(other))));
  }

  private static Optional<ColumnRole> misspelled(String name) {
    int best = 3;
    Optional<ColumnRole> nearest = Optional.empty();
    for (ColumnRole role : ColumnRole.values()) {
      for (String known : names(role)) {
        int distance = DidYouMean.distance(name, known);
        if (distance < best && distance < known.length() / 2) {
          best = distance;
          nearest = Optional.of(role);
        }
      }
    }
    return nearest;
  }

  private static Optional<ColumnRole> part(String name) {
    return PARTS.entrySet().stream()
        .filter(entry -> name.contains(entry.getKey()))
        .map(Map.Entry::getValue)
        .min(java.util.Comparator.naturalOrder());
  }

  private static List<String> names(ColumnRole role) {
    List<String> names = new ArrayList<>(role.names());
    names.addAll(NEAR.getOrDefault(role, List.of()));
    return names;
  }
}
