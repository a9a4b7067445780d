package org.embedllm.source.file;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.embedllm.storage.BadInputException;

/// An embedded DuckDB in memory, without network, that streams its results. It is an optional
/// dependency: only Parquet needs it.
public final class DuckDb {
  private DuckDb() {}

  /// @param file the file that needs it
  /// @throws BadInputException when DuckDB is not on the class path
  public static Connection open(Path file) throws SQLException {
    try {
      Class.forName("org.duckdb.DuckDBDriver");
    } catch (ClassNotFoundException e) {
      throw BadInputException.in(
          file,
          "Parquet needs DuckDB, which is not on the class path; add org.duckdb:duckdb_jdbc, or use"
              + " CSV or JSONL",
          e);
    }
    Properties properties = new Properties();
    properties.setProperty("jdbc_stream_results", "true");
    Connection connection = DriverManager.getConnection("jdbc:duckdb:", properties);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET memory_limit = '512MB'");
      statement.execute("SET threads = 2");
      statement.execute("SET autoinstall_known_extensions = false");
      statement.execute("SET autoload_known_extensions = false");
    }
    return connection;
  }

  /// The rows of a Parquet file, for a FROM clause. The names of folders are never columns.
  public static String parquet(Path file) {
    return "read_parquet(%s, hive_partitioning = false, hive_types_autocast = false)"
        .formatted(files(file));
  }

  /// A list of one file, for a function that reads files: its path is never a pattern.
  public static String files(Path file) {
    StringBuilder path = new StringBuilder();
    for (char c : file.toString().toCharArray()) {
      boolean special = c == '*' || c == '?' || c == '[';
      path.append(special ? "[" + c + "]" : String.valueOf(c));
    }
    return "[" + literal(path.toString()) + "]";
  }

  public static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  public static String identifier(String name) {
    return "\"" + name.replace("\"", "\"\"") + "\"";
  }
}
