package org.embedllm.source.table;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.file.Origin;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.DidYouMean;

/// Which columns of a long table mean what. Names are compared without regard to case.
final class TableColumns {
  // What a column can mean: the place of its value in a row.
  static final int MODEL = 0;
  static final int ID = 1;
  static final int TEXT = 2;
  static final int BENCHMARK = 3;
  static final int SCORE = 4;
  static final int COST = 5;
  static final int GROUP = 6;

  /// The names that a column of each meaning goes by, the most telling first.
  private static final List<List<String>> NAMES =
      List.of(
          List.of("model_name", "model", "llm", "model_id"),
          List.of("prompt_id", "question_id"),
          List.of("prompt", "question", "question_text", "text"),
          List.of("category", "benchmark", "task", "dataset"),
          List.of("score", "label", "correct"),
          List.of("cost", "call_cost", "cost_usd"),
          List.of());

  private final int[] at; // [meanings] column of each meaning, or -1
  private final boolean graded;
  private final String scoreName;

  private TableColumns(int[] at, String scoreName) {
    this.at = at;
    this.scoreName = scoreName;
    this.graded = scoreName.toLowerCase(Locale.ROOT).equals("score");
  }

  /// Finds the columns of a header.
  ///
  /// @param at where the header stands
  ///
  /// @throws BadInputException when a column that is needed is absent or stands twice
  static TableColumns find(Origin at, List<String> header, ImportOptions options) {
    int[] columns = new int[NAMES.size()];
    for (int meaning = 0; meaning < columns.length; meaning++) {
      columns[meaning] = find(at, header, NAMES.get(meaning));
    }
    options
        .split()
        .groupColumn()
        .ifPresent(name -> {
          columns[GROUP] = find(at, header, List.of(name));
          if (columns[GROUP] < 0) {
            throw missing(at, header, "a column " + name + " to group by", List.of(name));
          }
        });
    if (columns[MODEL] < 0) {
      throw missing(at, header, "a column that names the model", NAMES.get(MODEL));
    }
    if (columns[SCORE] < 0) {
      throw missing(at, header, "a column with the label or score", NAMES.get(SCORE));
    }
    boolean hasText = columns[TEXT] >= 0;
    boolean hasId = columns[ID] >= 0;
    if (!hasText && (options.textRequired() || !hasId)) {
      throw missing(at, header, "a column with the question's text", NAMES.get(TEXT));
    }
    return new TableColumns(columns, header.get(columns[SCORE]));
  }

  /// Column of each meaning, or -1 where there is none.
  int[] columns() {
    return at.clone();
  }

  boolean has(int meaning) {
    return at[meaning] >= 0;
  }

  /// Name of the column with the label or score.
  String scoreName() {
    return scoreName;
  }

  /// Whether fractions are scores; a label is 0 or 1 and nothing between.
  boolean graded() {
    return graded;
  }

  private static int find(Origin at, List<String> header, List<String> names) {
    for (String name : names) {
      int found = -1;
      for (int c = 0; c < header.size(); c++) {
        if (header.get(c).equalsIgnoreCase(name)) {
          if (found >= 0) {
            throw at.problem("column " + name + " stands twice in the header");
          }
          found = c;
        }
      }
      if (found >= 0) {
        return found;
      }
    }
    return -1;
  }

  private static BadInputException missing(
      Origin at, List<String> header, String what, List<String> names) {
    List<String> problem = new ArrayList<>();
    problem.add("needs " + what + " (" + String.join(", ", names) + ")");
    problem.add("found columns " + String.join(", ", header));
    closest(header, names)
        .ifPresent(
            pair -> problem.add("is " + pair.column() + " meant to be " + pair.name() + "?"));
    return at.problem(String.join("; ", problem));
  }

  private record Pair(String name, String column) {}

  private static Optional<Pair> closest(List<String> header, List<String> names) {
    int best = 3;
    Optional<Pair> closest = Optional.empty();
    for (String column : header) {
      for (String name : names) {
        int distance = DidYouMean.distance(column.toLowerCase(Locale.ROOT), name);
        if (distance < best && distance < name.length() / 2 + 1) {
          best = distance;
          closest = Optional.of(new Pair(name, column));
        }
      }
    }
    return closest;
  }
}
