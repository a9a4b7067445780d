package org.embedllm.gateway.store;

import java.util.Optional;
import org.embedllm.storage.ProcessFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteJDBCLoader;

/// Loads SQLite's native library and leaves no copy of it: its driver unpacks 1 MB at each start,
/// and deletes it only where the process ends by itself, which a gateway does not.
final class SqliteLibrary {
  private static final Logger LOG = LoggerFactory.getLogger(SqliteLibrary.class);

  /// The driver's setting: where it unpacks.
  private static final String FOLDER = "org.sqlite.tmpdir";

  private SqliteLibrary() {}

  /// The first attempt, which is the only one.
  private static final class FirstAttempt {
    private static final Optional<Exception> FAILURE = failure();

    private static Optional<Exception> failure() {
      if (System.getProperty(FOLDER) != null) {
        return Optional.empty(); // the user's choice
      }
      // A loaded library needs no file any more. Windows keeps it; the driver deletes it at a
      // regular end.
      try (ProcessFolder folder = ProcessFolder.make("sqlite")) {
        System.setProperty(FOLDER, folder.path().toString());
        try {
          SQLiteJDBCLoader.initialize();
        } finally {
          System.clearProperty(FOLDER);
        }
        return Optional.empty();
      } catch (Exception e) {
        return Optional.of(e);
      }
    }
  }

  /// Loads it on the first call. Where that fails, the driver tries it in its own way, and says why
  /// it cannot.
  static void load() {
    FirstAttempt.FAILURE.ifPresent(e -> LOG.debug("SQLite's library was not loaded", e));
  }
}
