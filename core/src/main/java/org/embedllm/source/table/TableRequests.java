package org.embedllm.source.table;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.embedllm.source.ImportOptions;
import org.embedllm.storage.BadInputException;

/// What was asked of the tables of one import. A column that was named must be in one of them; not
/// every table needs it.
public final class TableRequests {
  private final ImportOptions options;
  private final Map<String, String> unmet = new LinkedHashMap<>(); // by column, what it is for
  private final Set<String> found = new LinkedHashSet<>();
  private final List<String> asked;

  public TableRequests(ImportOptions options) {
    this.options = options;
    options
        .table()
        .columns()
        .forEach((role, column) -> unmet.put(column, "--column " + role.label() + "=" + column));
    options
        .attributes()
        .forEach((name, column) -> unmet.put(column, "--attribute " + name + "=" + column));
    options.split().groupColumn().ifPresent(column -> unmet.put(column, "--group " + column));
    asked = List.copyOf(unmet.keySet());
  }

  ImportOptions options() {
    return options;
  }

  /// Columns that were asked for and are not among some, in any letters.
  List<String> absentFrom(Set<String> columns) {
    Set<String> lower =
        columns.stream().map(column -> column.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
    return asked.stream()
        .filter(column -> !lower.contains(column.toLowerCase(Locale.ROOT)))
        .filter(
            column -> !lower.contains((TableColumns.ATTRIBUTE + column).toLowerCase(Locale.ROOT)))
        .toList();
  }

  /// A table has these columns.
  void header(List<String> header) {
    found.addAll(header);
  }

  /// A column that was asked for is there.
  void met(String column) {
    unmet.remove(column);
  }

  /// @throws BadInputException when tables were read and none had a column that was asked for
  void require() {
    if (!found.isEmpty() && !unmet.isEmpty()) {
      throw BadInputException.of(
          "no table has the column of %s; found columns %s"
              .formatted(unmet.values().iterator().next(), String.join(", ", found)));
    }
  }
}
