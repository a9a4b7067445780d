package org.embedllm.source.table;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.embedllm.source.ColumnRole;
import org.embedllm.source.TableOptions;
import org.embedllm.source.file.ShellWords;

/// What to say of a table whose columns do not fit: the columns found, the nearest role of each,
/// and the command line that reads the table.
///
/// @param file the table
/// @param header its columns
/// @param known columns whose role is known, by role
/// @param options what was asked for
record ColumnAdvice(
    Path file, List<String> header, Map<ColumnRole, String> known, TableOptions options) {
  private static final int MOST_COLUMNS = 40;

  String text() {
    Map<ColumnRole, String> guesses = guesses();
    List<String> shown =
        header.stream()
            .limit(MOST_COLUMNS)
            .map(column -> column.isEmpty() ? "(no name)" : column)
            .collect(Collectors.toCollection(ArrayList::new));
    if (header.size() > MOST_COLUMNS) {
      shown.add("%d more".formatted(header.size() - MOST_COLUMNS));
    }
    Map<ColumnRole, String> nearest = new EnumMap<>(ColumnRole.class);
    nearest.putAll(guesses);
    nearest.putAll(known);
    String roles =
        nearest.entrySet().stream()
            .map(entry -> entry.getKey().label() + "=" + entry.getValue())
            .collect(Collectors.joining(", "));
    return "found columns %s; nearest roles: %s; to read it: %s"
        .formatted(String.join(", ", shown), roles.isEmpty() ? "none" : roles, command(guesses));
  }

  /// The column that is nearest to each role that is not known, each column once.
  private Map<ColumnRole, String> guesses() {
    Map<ColumnRole, String> guesses = new EnumMap<>(ColumnRole.class);
    Set<String> taken = new HashSet<>(known.values());
    for (String column : header) {
      ColumnNames.nearest(column)
          .filter(role -> !known.containsKey(role) && !taken.contains(column))
          .ifPresent(role -> guesses.putIfAbsent(role, column));
    }
    return guesses;
  }

  private String command(Map<ColumnRole, String> guesses) {
    StringBuilder command =
        new StringBuilder("embedllm import ").append(ShellWords.quoted(file.toString()));
    Map<ColumnRole, String> columns = new EnumMap<>(ColumnRole.class);
    columns.putAll(options.columns());
    columns.putAll(guesses);
    List<String> models = models(columns);
    EnumSet<ColumnRole> needed =
        models.isEmpty()
            ? EnumSet.of(ColumnRole.MODEL, ColumnRole.SCORE)
            : EnumSet.noneOf(ColumnRole.class);
    if (!known.containsKey(ColumnRole.ID) && !columns.containsKey(ColumnRole.ID)) {
      needed.add(ColumnRole.QUESTION);
    }
    needed.removeAll(known.keySet());
    needed.forEach(role -> columns.putIfAbsent(role, "COLUMN"));
    if (!models.isEmpty()) {
      columns.remove(ColumnRole.MODEL);
      columns.remove(ColumnRole.SCORE);
    }
    columns.forEach((role, column) ->
        command.append(" --column ").append(ShellWords.quoted(role.label() + "=" + column)));
    if (!models.isEmpty()) {
      command.append(" --wide ").append(ShellWords.quoted(String.join(",", models)));
    }
    return command.append(" --to DATASET").toString();
  }

  /// The columns that are left where no column names the model or the score: each may be a model.
  private List<String> models(Map<ColumnRole, String> columns) {
    if (known.containsKey(ColumnRole.MODEL)
        || known.containsKey(ColumnRole.SCORE)
        || columns.containsKey(ColumnRole.MODEL)
        || columns.containsKey(ColumnRole.SCORE)) {
      return List.of();
    }
    List<String> rest =
        header.stream()
            .filter(column -> !column.isBlank() && !column.contains(","))
            .filter(column -> !known.containsValue(column) && !columns.containsValue(column))
            .limit(MOST_COLUMNS)
            .toList();
    return rest.size() < 2 ? List.of() : rest;
  }
}
