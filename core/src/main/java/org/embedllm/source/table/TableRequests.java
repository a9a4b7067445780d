package org.embedllm.source.table;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.embedllm.source.ColumnRole;
import org.embedllm.source.ImportOptions;
import org.embedllm.storage.BadInputException;

/// What was asked of the tables of one import. A column that was named must be in one of them; not
/// every table needs it.
public final class TableRequests {
  private static final int MOST_TABLES = 8;

  private final ImportOptions options;
  private final Map<String, String> unmet = new LinkedHashMap<>(); // by column, what it is for
  private final Set<String> found = new LinkedHashSet<>();
  private final List<String> asked;
  private final List<Table> tables = new ArrayList<>();

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

  /// A table was found.
  ///
  /// @param header its columns
  /// @param roles those whose role is known
  void table(Path file, List<String> header, Map<ColumnRole, String> roles) {
    found.addAll(header);
    if (tables.size() < MOST_TABLES) {
      tables.add(new Table(file, List.copyOf(header), Map.copyOf(roles)));
    }
  }

  /// A column that was asked for is there.
  void met(String column) {
    unmet.remove(column);
  }

  /// @throws BadInputException when tables were read and none had a column that was asked for
  void require() {
    if (tables.isEmpty() || unmet.isEmpty()) {
      return;
    }
    Map.Entry<String, String> first = unmet.entrySet().iterator().next();
    List<String> columns = List.copyOf(found);
    List<Path> files = tables.stream().map(Table::file).toList();
    Table table = tables.getFirst();
    throw BadInputException.of(
        "no table has the column of %s; found columns %s%s; to read %s: %s"
            .formatted(
                first.getValue(),
                String.join(", ", columns),
                ColumnNames.like(first.getKey(), columns)
                    .map(name -> "; the nearest is " + name)
                    .orElse(""),
                files.size() == 1 ? "it" : "them",
                new ColumnAdvice(files, table.header(), table.roles(), options).command()));
  }

  private record Table(Path file, List<String> header, Map<ColumnRole, String> roles) {}
}
