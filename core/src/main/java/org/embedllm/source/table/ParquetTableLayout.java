package org.embedllm.source.table;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.embedllm.correctness.SplitPart;
import org.embedllm.source.AnswerSink;
import org.embedllm.source.ImportOptions;
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
public record ParquetTableLayout(ImportOptions options) implements SourceLayout {
  /// Its name.
  public static final String NAME = "parquet";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean recognises(SourcePreview source) {
    return !source.isFolder()
        && (source.lowerName().endsWith(".parquet") || source.start().startsWith("PAR1"));
  }

  @Override
  public List<SourcePart> read(
      Path file, Optional<SplitPart> part, AnswerSink sink, ImportProgress progress) {
    try (SourceFile source = SourceFile.open(file, progress);
        Connection duckdb = DuckDb.open(file);
        Statement statement = duckdb.createStatement()) {
      String table = "read_parquet(" + DuckDb.literal(file.toString()) + ")";
      List<String> header = header(statement, table);
      TableColumns columns = TableColumns.find(new Origin(file, 0), header, options);
      TableRow row = new TableRow(columns, sink, part);
      long rows = 0;
      int[] at = columns.columns();
      String[] values = new String[at.length];
      try (ResultSet answers = statement.executeQuery(select(header, at, table))) {
        while (answers.next()) {
          rows++;
          for (int i = 0; i < at.length; i++) {
            String value = at[i] < 0 ? null : answers.getString(i + 1);
            values[i] = value == null ? "" : value;
          }
          row.take(new Origin(file, rows), values);
        }
      }
      return List.of(SourcePart.of(source.digest(), NAME, rows, part));
    } catch (SQLException e) {
      throw BadInputException.in(file, "is not readable as Parquet: " + firstLine(e), e);
    } catch (IOException e) {
      throw SourceFile.failed(file, 0, e);
    }
  }

  private static List<String> header(Statement statement, String table) throws SQLException {
    List<String> header = new ArrayList<>();
    try (ResultSet columns = statement.executeQuery("DESCRIBE SELECT * FROM " + table)) {
      while (columns.next()) {
        header.add(columns.getString(1));
      }
    }
    return header;
  }

  /// Only the wanted columns, as text.
  private static String select(List<String> header, int[] at, String table) {
    List<String> terms = new ArrayList<>();
    for (int column : at) {
      terms.add(
          column < 0 ? "NULL" : "CAST(" + DuckDb.identifier(header.get(column)) + " AS VARCHAR)");
    }
    return "SELECT " + String.join(", ", terms) + " FROM " + table;
  }

  private static String firstLine(SQLException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
