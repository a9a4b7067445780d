package org.embedllm.source.table;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Stream;
import org.embedllm.source.ColumnRole;
import org.embedllm.source.ScoreScale;
import org.embedllm.source.Scores;

/// What the values of the first rows say of columns whose names say nothing.
///
/// @param sample the first rows
record ColumnValues(TableSample sample) {
  private static final int SHORT = 80;
  private static final int FEW_ROWS = 4;

  /// Adds the model, the question and the score where no column has that role yet.
  ///
  /// @param free columns that may have a role
  /// @param roles columns by role
  void guess(List<String> free, Map<ColumnRole, String> roles) {
    List<String> left = new ArrayList<>(free);
    if (!roles.containsKey(ColumnRole.QUESTION)) {
      question(left, roles.containsKey(ColumnRole.ID))
          .ifPresent(column -> {
            roles.put(ColumnRole.QUESTION, column);
            left.remove(column);
          });
    }
    if (!roles.containsKey(ColumnRole.MODEL)) {
      model(left, roles)
          .ifPresent(column -> {
            roles.put(ColumnRole.MODEL, column);
            left.remove(column);
          });
    }
    boolean hasModel = roles.containsKey(ColumnRole.MODEL);
    if (hasModel && !roles.containsKey(ColumnRole.SCORE)) {
      score(left).ifPresent(column -> roles.put(ColumnRole.SCORE, column));
    }
  }

  /// Chat messages, else the longest texts; what repeats, as a question does for each model, before
  /// what does not, as an answer.
  ///
  /// @param named whether questions have ids; a short text is none then
  Optional<String> question(List<String> columns, boolean named) {
    return columns.stream()
        .filter(column -> !named || length(column) > SHORT / 4.0)
        .filter(column -> !values(column).isEmpty() && !isScores(column) && !isNumbers(column))
        .max(
            Comparator.comparing((String column) -> isChat(column))
                .thenComparing(column -> length(column) > SHORT / 4.0 && repeats(column))
                .thenComparingDouble(this::length));
  }

  /// A short text that repeats; where questions repeat, one that differs among the rows of one
  /// question, unlike a benchmark.
  private Optional<String> model(List<String> columns, Map<ColumnRole, String> roles) {
    String question =
        roles.getOrDefault(ColumnRole.QUESTION, roles.getOrDefault(ColumnRole.ID, ""));
    boolean few = sample.rows().size() < FEW_ROWS;
    return columns.stream()
        .filter(column -> !values(column).isEmpty() && !isScores(column) && !isNumbers(column))
        .filter(column -> values(column).stream().noneMatch(value -> value.length() > SHORT))
        .filter(column -> few || repeats(column))
        .max(
            Comparator.comparing((String column) -> differsWithin(question, column))
                .thenComparingLong(column -> -distinct(column)));
  }

  /// Right and wrong, else shares, else other numbers that are no row numbers.
  private Optional<String> score(List<String> columns) {
    boolean few = sample.rows().size() < FEW_ROWS;
    return columns.stream()
        .filter(this::isScores)
        .filter(column -> few || repeats(column) || scale(List.of(column)).isEmpty())
        .max(
            Comparator.comparing((String column) -> isLabels(column))
                .thenComparing(column -> scale(List.of(column)).isEmpty()));
  }

  /// The range of scores that are not between 0 and 1; empty where they are.
  Optional<ScoreScale> scale(List<String> columns) {
    return scale(columns.stream().flatMap(column -> sample.values(column).stream()));
  }

  /// The usual range that numbers are in; empty where it is 0 to 1, or where there are none.
  static Optional<ScoreScale> scale(Stream<String> values) {
    List<String> written = values.filter(value -> !Scores.isMissing(value)).toList();
    double[] numbers =
        written.stream()
            .map(ColumnValues::number)
            .filter(OptionalDouble::isPresent)
            .mapToDouble(OptionalDouble::getAsDouble)
            .toArray();
    if (numbers.length == 0) {
      return Optional.empty();
    }
    double low = Arrays.stream(numbers).min().orElse(0);
    double high = Arrays.stream(numbers).max().orElse(0);
    boolean percent = written.stream().anyMatch(value -> value.strip().endsWith("%"));
    if (low >= 0 && high <= 1 && !percent) {
      return Optional.empty();
    }
    if (low < 0) {
      double most = Math.max(-low, high) <= 1 ? 1 : Math.ceil(Math.max(-low, high));
      return Optional.of(new ScoreScale(-most, most));
    }
    double top = percent ? 100 : top(high);
    return Optional.of(new ScoreScale(low >= 1 && top <= 10 ? 1 : 0, top));
  }

  private static double top(double high) {
    for (double top : new double[] {5, 10, 100, 1000}) {
      if (high <= top) {
        return top;
      }
    }
    return Math.ceil(high);
  }

  /// Whether all values of a column are numbers of 0 or more, or missing.
  boolean isMeasure(String column) {
    return values(column).stream()
            .map(ColumnValues::number)
            .allMatch(number -> number.isPresent() && number.getAsDouble() >= 0)
        && values(column).stream().noneMatch(value -> value.strip().endsWith("%"));
  }

  /// Whether all values of a column may be scores: numbers, truth values or words.
  boolean isScores(String column) {
    return !values(column).isEmpty()
        && values(column).stream()
            .allMatch(
                value -> number(value).isPresent() || Scores.score(value) != Scores.NOT_A_SCORE);
  }

  /// Whether all values of a column are 0, 1, true or false.
  boolean isLabelsOnly(String column) {
    return values(column).stream().allMatch(value -> Scores.label(value) != Scores.NOT_A_SCORE);
  }

  /// Whether a name of a question is one text, and a text has one name.
  boolean isId(String column, String question) {
    Map<String, String> byId = new HashMap<>();
    Map<String, String> byText = new HashMap<>();
    for (Map<String, String> row : sample.rows()) {
      String id = row.getOrDefault(column, "");
      String text = row.getOrDefault(question, "");
      if (id.isEmpty()
          || !byId.computeIfAbsent(id, i -> text).equals(text)
          || !byText.computeIfAbsent(text, t -> id).equals(id)) {
        return false;
      }
    }
    return true;
  }

  /// Whether all values are right or wrong.
  private boolean isLabels(String column) {
    return values(column).stream()
        .allMatch(value -> {
          float score = Scores.score(value);
          return score == 0 || score == 1;
        });
  }

  private boolean isNumbers(String column) {
    return values(column).stream().allMatch(value -> number(value).isPresent());
  }

  private boolean isChat(String column) {
    return values(column).stream()
        .allMatch(value -> {
          String start = value.strip();
          return start.startsWith("[{") && start.toLowerCase(Locale.ROOT).contains("content");
        });
  }

  private double length(String column) {
    return values(column).stream().mapToInt(String::length).average().orElse(0);
  }

  private long distinct(String column) {
    return values(column).stream().distinct().count();
  }

  private boolean repeats(String column) {
    return distinct(column) < values(column).size();
  }

  private boolean differsWithin(String question, String column) {
    Map<String, Set<String>> values = new HashMap<>();
    for (Map<String, String> row : sample.rows()) {
      values
          .computeIfAbsent(row.getOrDefault(question, ""), text -> new HashSet<>())
          .add(row.getOrDefault(column, ""));
    }
    return values.values().stream().anyMatch(some -> some.size() > 1);
  }

  /// The values of a column that are there.
  private List<String> values(String column) {
    return sample.values(column).stream().filter(value -> !Scores.isMissing(value)).toList();
  }

  private static OptionalDouble number(String value) {
    String text = value.strip();
    String number = text.endsWith("%") ? text.substring(0, text.length() - 1).strip() : text;
    if (!number.matches("[+-]?[0-9.]+([eE][+-]?[0-9]+)?")) {
      return OptionalDouble.empty();
    }
    try {
      return OptionalDouble.of(Double.parseDouble(number));
    } catch (NumberFormatException e) {
      return OptionalDouble.empty();
    }
  }

  /// Guesses by name that the values do not contradict.
  Map<ColumnRole, String> kept(Map<ColumnRole, String> guesses, Map<ColumnRole, String> known) {
    Map<ColumnRole, String> kept = new EnumMap<>(ColumnRole.class);
    String question =
        known.getOrDefault(ColumnRole.QUESTION, guesses.getOrDefault(ColumnRole.QUESTION, ""));
    guesses.forEach((role, column) -> {
      boolean measure =
          TableColumns.MEASURES.containsKey(role) || role == ColumnRole.OUTPUT_CHARACTERS;
      boolean fits =
          measure
              ? isMeasure(column)
              : role != ColumnRole.ID || question.isEmpty() || isId(column, question);
      if (fits) {
        kept.put(role, column);
      }
    });
    return kept;
  }
}
