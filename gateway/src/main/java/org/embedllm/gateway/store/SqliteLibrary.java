package org.embedllm.gateway.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.embedllm.storage.AtomicDirectory;
import org.embedllm.storage.ShutdownTasks;
import org.sqlite.SQLiteJDBCLoader;

/// Loads SQLite's native library and leaves no copy of it: its driver unpacks 1 MB at each start,
/// and deletes it only where the process ends by itself, which a gateway does not.
final class SqliteLibrary {
  /// The driver's setting: where it unpacks.
  private static final String FOLDER = "org.sqlite.tmpdir";

  private SqliteLibrary() {}

  /// The first attempt, which is the only one.
  private static final class Loaded {
    private static final boolean DONE = unpackedAndLoaded();
  }

  /// Loads it on the first call.
  ///
  /// @return whether it was loaded so; otherwise the driver does it, and tells why it cannot
  static boolean load() {
    return Loaded.DONE;
  }

  private static boolean unpackedAndLoaded() {
    if (System.getProperty(FOLDER) != null) {
      return false;
    }
    try {
      Path folder = Files.createTempDirectory("embedllm-sqlite-");
      Runnable cleaner = () -> delete(folder);
      ShutdownTasks.add(cleaner);
      System.setProperty(FOLDER, folder.toString());
      try {
        return SQLiteJDBCLoader.initialize();
      } finally {
        System.clearProperty(FOLDER);
        cleaner.run(); // a loaded library needs no file any more
      }
    } catch (Exception e) {
      return false;
    }
  }

  private static void delete(Path folder) {
    try {
      AtomicDirectory.delete(folder);
    } catch (IOException e) {
      // Windows keeps the file of a loaded library; the driver deletes it at a regular end.
      return;
    }
  }
}
