package org.embedllm.source.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.ProcessFolder;

/// An embedded DuckDB in memory, without network, that streams its results. It is an optional
/// dependency: only Parquet needs it.
public final class DuckDb {
  /// Enough for pages of over 100 MB, which some writers make, on one thread; two need both at
  /// once.
  private static final String MEMORY = "512MB";

  private static final Pattern UNPACKED = Pattern.compile("/.*/libduckdb_java\\d+\\.so$");

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
      statement.execute("SET memory_limit = '" + MEMORY + "'");
      statement.execute("SET threads = 1");
      statement.execute("SET temp_directory = " + literal(spill().toString()));
      statement.execute("SET autoinstall_known_extensions = false");
      statement.execute("SET autoload_known_extensions = false");
    }
    return connection;
  }

  /// Where results go that do not fit into memory: DuckDB makes a folder when it needs it, and
  /// deletes it. Its own choice is the working folder.
  private static Path spill() {
    return Spill.FOLDER.resolve(UUID.randomUUID().toString());
  }

  private static final class Spill {
    static final Path FOLDER = made();

    private static Path made() {
      deleteLibrary();
      try {
        return ProcessFolder.make("duckdb").path();
      } catch (IOException e) {
        // Then all must fit into memory.
        return Path.of(System.getProperty("java.io.tmpdir")).toAbsolutePath();
      }
    }
  }

  /// Deletes the driver's library (70 MB), which it unpacks into the temporary folder and deletes
  /// only where its process ends by itself. Linux needs no file of a library that is loaded.
  private static void deleteLibrary() {
    try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      List<String> unpacked =
          maps.map(UNPACKED::matcher).filter(Matcher::find).map(Matcher::group).distinct().toList();
      for (String file : unpacked) {
        Files.deleteIfExists(Path.of(file));
      }
    } catch (IOException | UncheckedIOException e) {
      // No Linux: the driver deletes it.
      return;
    }
  }

  /// Why rows of a Parquet file could not be read. A streamed query hides that memory ended, so
  /// they are read once more without a result: what can be read so is not damaged.
  ///
  /// @param selected what was read of each row of the table `t`
  public static BadInputException unreadable(Path file, String selected, SQLException e) {
    return isValid(file, selected)
        ? BadInputException.in(
            file,
            "has pages that need more than "
                + MEMORY
                + " to be read; write it again in row groups of at most 10,000 rows (pyarrow:"
                + " row_group_size=10_000, DuckDB: ROW_GROUP_SIZE 10000)",
            e)
        : BadInputException.in(
            file, "is not readable as Parquet: it is damaged, cut off, or something else", e);
  }

  private static boolean isValid(Path file, String selected) {
    try (Connection duckdb = open(file);
        Statement statement = duckdb.createStatement()) {
      statement.execute(
          "CREATE TEMP TABLE nothing AS SELECT max(hash(%s)) FROM %s AS t"
              .formatted(selected, parquet(file)));
      return true;
    } catch (SQLException e) {
      return String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains("out of memory");
    }
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
