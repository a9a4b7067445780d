package org.embedllm.source;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.embedllm.storage.BadInputException;

/// Which columns of a long table mean what. Names are compared without regard to case.
final class TableColumns {
  /// What a column can mean, with the names it goes by, the most telling first.
  enum Role {
    MODEL("model_name", "model", "llm", "model_id"),
    ID("prompt_id", "question_id"),
    TEXT("prompt", "question", "question_text", "text"),
    BENCHMARK("category", "benchmark", "task", "dataset"),
    SCORE("score", "label", "correct"),
    COST("cost", "call_cost", "cost_usd"),
    GROUP();

    private final List<String> names;

    Role(String... names) {
      this.names = List.of(names);
    }
  }

  private final int[] at; // [roles] column of each role, or -1
  private final boolean graded;
  private final String scoreName;

  private TableColumns(int[] at, String scoreName) {
    this.at = at;
    this.scoreName = scoreName;
    this.graded = scoreName.toLowerCase(Locale.ROOT).equals("score");
  }

  /// Finds the columns of a header.
  ///
  /// @throws BadInputException when a column that is needed is absent or stands twice
  static TableColumns find(Path file, List<String> header, ImportOptions options) {
    int[] at = new int[Role.values().length];
    for (Role role : Role.values()) {
      at[role.ordinal()] = role == Role.GROUP ? -1 : find(file, header, role.names);
    }
    options
        .group()
        .ifPresent(name -> {
          at[Role.GROUP.ordinal()] = find(file, header, List.of(name));
          if (at[Role.GROUP.ordinal()] < 0) {
            throw missing(file, header, "a column " + name + " to group by", List.of(name));
          }
        });
    if (at[Role.MODEL.ordinal()] < 0) {
      throw missing(file, header, "a column that names the model", Role.MODEL.names);
    }
    if (at[Role.SCORE.ordinal()] < 0) {
      throw missing(file, header, "a column with the label or score", Role.SCORE.names);
    }
    boolean hasText = at[Role.TEXT.ordinal()] >= 0;
    boolean hasId = at[Role.ID.ordinal()] >= 0;
    if (!hasText && (options.textRequired() || !hasId)) {
      throw missing(file, header, "a column with the question's text", Role.TEXT.names);
    }
    return new TableColumns(at, header.get(at[Role.SCORE.ordinal()]));
  }

  /// Column of each role in the order of [Role], or -1 where there is none.
  int[] columns() {
    return at.clone();
  }

  boolean has(Role role) {
    return at[role.ordinal()] >= 0;
  }

  /// Name of the column with the label or score.
  String scoreName() {
    return scoreName;
  }

  /// Whether fractions are scores; a label is 0 or 1 and nothing between.
  boolean graded() {
    return graded;
  }

  private static int find(Path file, List<String> header, List<String> names) {
    for (String name : names) {
      int found = -1;
      for (int c = 0; c < header.size(); c++) {
        if (header.get(c).equalsIgnoreCase(name)) {
          if (found >= 0) {
            throw BadInputException.at(file, 1, "column " + name + " stands twice in the header");
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
      Path file, List<String> header, String what, List<String> names) {
    List<String> problem = new ArrayList<>();
    problem.add("needs " + what + " (" + String.join(", ", names) + ")");
    problem.add("found columns " + String.join(", ", header));
    closest(header, names)
        .ifPresent(
            pair -> problem.add("did you mean " + pair.name() + " by " + pair.column() + "?"));
    return BadInputException.at(file, 1, String.join("; ", problem));
  }

  private record Pair(String name, String column) {}

  private static Optional<Pair> closest(List<String> header, List<String> names) {
    int best = 3;
    Optional<Pair> closest = Optional.empty();
    for (String column : header) {
      for (String name : names) {
        int distance = Spelling.distance(column.toLowerCase(Locale.ROOT), name);
        if (distance < best && distance < name.length() / 2 + 1) {
          best = distance;
          closest = Optional.of(new Pair(name, column));
        }
      }
    }
    return closest;
  }
}
