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

  private static boolean loaded;

  private SqliteLibrary() {}

  /// Loads it on the first call. Where that fails, opening a store tells why.
  static synchronized void load() {
    if (loaded || System.getProperty(FOLDER) != null) {
      return;
    }
    loaded = true;
    try {
      Path folder = Files.createTempDirectory("embedllm-sqlite-");
      Runnable cleaner = () -> delete(folder);
      ShutdownTasks.add(cleaner);
      System.setProperty(FOLDER, folder.toString());
      try {
        SQLiteJDBCLoader.initialize();
      } finally {
        System.clearProperty(FOLDER);
        cleaner.run(); // a loaded library needs no file any more
      }
    } catch (Exception e) {
      // Opening a store tells why.
      return;
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
