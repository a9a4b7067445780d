package org.embedllm.source.file;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ObjectNode;

/// Rows of a table as JSON objects, whether it is CSV, JSON Lines, a JSON array or Parquet, for
/// layouts whose columns are nested. CSV cells are texts.
public final class ObjectRows {
  private ObjectRows() {}

  /// Whether a file is Parquet, by its name or its first bytes.
  public static boolean isParquet(Path path) {
    return lowerName(path).endsWith(".parquet");
  }

  /// Names of the columns of a Parquet file.
  public static List<String> parquetColumns(Path path) {
    List<String> columns = new ArrayList<>();
    try (Connection duckdb = DuckDb.open(path);
        Statement statement = duckdb.createStatement();
        ResultSet rows = statement.executeQuery("DESCRIBE SELECT * FROM " + DuckDb.parquet(path))) {
      while (rows.next()) {
        columns.add(rows.getString(1));
      }
    } catch (SQLException e) {
      throw DuckDb.unreadable(path, "t", e);
    }
    return columns;
  }

  /// Reads all rows.
  ///
  /// @param problems told of lines that are no row
  public static void read(
      SourceFile file, JsonRecords.RecordConsumer consumer, JsonRecords.ProblemConsumer problems) {
    if (isParquet(file.path())) {
      parquet(file.path(), consumer);
    } else if (lowerName(file.path()).matches(".*\\.[ct]sv(\\.gz)?")) {
      csv(file, consumer);
    } else {
      new JsonRecords(file, Set.of()).read(consumer, problems);
    }
  }

  private static void csv(SourceFile file, JsonRecords.RecordConsumer consumer) {
    List<String> names = new ArrayList<>();
    CsvRows.read(
        file,
        header -> {
          names.addAll(header);
          return IntStream.range(0, header.size()).toArray();
        },
        (line, values) -> {
          ObjectNode row = JsonRecords.JSON.createObjectNode();
          for (int i = 0; i < values.length; i++) {
            row.put(names.get(i), values[i]);
          }
          consumer.accept(line, row);
        });
  }

  private static void parquet(Path path, JsonRecords.RecordConsumer consumer) {
    try (Connection duckdb = DuckDb.open(path);
        Statement statement = duckdb.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT CAST(to_json(t) AS VARCHAR) FROM " + DuckDb.parquet(path) + " t")) {
      for (long row = 1; rows.next(); row++) {
        if (JsonRecords.JSON.readTree(rows.getString(1)) instanceof ObjectNode object) {
          consumer.accept(row, object);
        }
      }
    } catch (SQLException e) {
      throw DuckDb.unreadable(path, "t", e);
    }
  }

  private static String lowerName(Path path) {
    return String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
  }

  /// Names of the columns in the first line of a CSV file.
  ///
  /// @param start the beginning of the file
  public static List<String> csvColumns(String start) {
    String header = start.lines().findFirst().orElse("");
    List<String> names = new ArrayList<>();
    for (String cell : header.split(",")) {
      names.add(cell.strip().replaceAll("^\"|\"$", ""));
    }
    return names;
  }
}
