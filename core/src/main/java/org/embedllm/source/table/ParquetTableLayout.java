package org.embedllm.source.table;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.correctness.SplitPart;
import org.embedllm.source.AnswerSink;
import org.embedllm.source.SourceLayout;
import org.embedllm.source.SourcePart;
import org.embedllm.source.SourcePreview;
import org.embedllm.source.file.DuckDb;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.source.file.Origin;
import org.embedllm.source.file.SourceFile;
import org.embedllm.storage.BadInputException;

/// A long table as Parquet, a row for each answer, read by DuckDB. Errors count rows from 1 where
/// other files have lines.
public record ParquetTableLayout(TableRequests requests) implements SourceLayout {
  /// Its name.
  public static final String NAME = "parquet";

  private static final String MAGIC = "PAR1";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean recognises(SourcePreview source) {
    return !source.isFolder()
        && (source.lowerName().endsWith(".parquet") || source.start().startsWith(MAGIC));
  }

  @Override
  public boolean readsNamedColumns() {
    return true;
  }

  @Override
  public List<SourcePart> read(
      Path file, Optional<SplitPart> part, AnswerSink sink, ImportProgress progress) {
    requireParquet(file);
    String select = "t";
    try (SourceFile source = SourceFile.open(file, progress);
        Connection duckdb = DuckDb.open(file);
        Statement statement = duckdb.createStatement()) {
      String table = DuckDb.parquet(file);
      Map<String, String> header = header(statement, table);
      TableColumns columns =
          TableColumns.find(new Origin(file, 0), List.copyOf(header.keySet()), requests);
      TableRow row = new TableRow(columns, sink, part);
      List<String> wanted = columns.wanted();
      select = String.join(", ", wanted.stream().map(header::get).toList());
      String[] values = new String[wanted.size()];
      long rows = 0;
      try (ResultSet answers =
          statement.executeQuery("SELECT " + select + " FROM " + table + " AS t")) {
        while (answers.next()) {
          rows++;
          for (int i = 0; i < values.length; i++) {
            String value = answers.getString(i + 1);
            values[i] = value == null ? "" : value;
          }
          row.take(new Origin(file, rows), values);
        }
      }
      return List.of(SourcePart.of(source.digest(), NAME, rows, part));
    } catch (SQLException e) {
      throw DuckDb.unreadable(file, select, e);
    } catch (IOException e) {
      throw SourceFile.failed(file, 0, e);
    }
  }

  /// Refuses what is packed, and what only has the name.
  private static void requireParquet(Path file) {
    SourceFile.requireReadableFile(file);
    SourcePreview preview = new SourcePreview(file);
    String start = preview.start();
    if (start.startsWith(MAGIC) && SourceFile.isGzip(file)) {
      throw BadInputException.in(
          file, "is a gzipped Parquet file, which cannot be read in part; unpack it with gunzip");
    }
    String format =
        preview.startsAsJson() ? JsonlTableLayout.NAME : isText(start) ? CsvTableLayout.NAME : "";
    if (!start.startsWith(MAGIC) && !format.isEmpty()) {
      throw BadInputException.in(
          file,
          "is named .parquet and is text; read it with --format %s, or name it .%s"
              .formatted(format, format));
    }
  }

  private static boolean isText(String start) {
    return start.contains("\n")
        && start.chars().noneMatch(c -> c < ' ' && c != '\n' && c != '\r' && c != '\t');
  }

  /// The columns, and what gives each of them as text: lists and structures as JSON. `a.b` is field
  /// b of column a.
  private static Map<String, String> header(Statement statement, String table) throws SQLException {
    Map<String, String> header = new LinkedHashMap<>();
    addColumns(statement, table, "", "t", header);
    return header;
  }

  private static void addColumns(
      Statement statement, String table, String prefix, String of, Map<String, String> header)
      throws SQLException {
    Map<String, String> nested = new LinkedHashMap<>();
    String all = prefix.isEmpty() ? of + ".*" : "unnest(" + of + ")";
    try (ResultSet columns =
        statement.executeQuery("DESCRIBE SELECT " + all + " FROM " + table + " AS t")) {
      while (columns.next()) {
        String name = columns.getString(1);
        String type = columns.getString(2);
        String column = of + "." + DuckDb.identifier(name);
        boolean container =
            type.endsWith("]") || type.startsWith("STRUCT") || type.startsWith("MAP");
        header.put(
            prefix + name,
            container
                ? "CAST(to_json(" + column + ") AS VARCHAR)"
                : "CAST(" + column + " AS VARCHAR)");
        if (type.startsWith("STRUCT") && !type.endsWith("]")) {
          nested.put(prefix + name + ".", column);
        }
      }
    }
    for (Map.Entry<String, String> structure : nested.entrySet()) {
      addColumns(statement, table, structure.getKey(), structure.getValue(), header);
    }
  }
}
