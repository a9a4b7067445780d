package org.embedllm.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Writes a place in several steps, which one process does at a time. Stateless.
public final class SingleWriter {
  private SingleWriter() {}

  /// What is done with the place.
  @FunctionalInterface
  public interface Work {
    void run() throws IOException;
  }

  /// Does work on a place while no other process does. A symbolic link is followed.
  ///
  /// @throws BadInputException when another process is writing it
  public static void write(Path target, Work work) throws IOException {
    Path place = WrittenPlace.followed(target);
    Path folder = place.getParent();
    if (folder == null) {
      throw new IOException(target + " is not a file name");
    }
    Files.createDirectories(folder);
    PlaceLock lock;
    try {
      lock = PlaceLock.take(place);
    } catch (IOException e) {
      throw AtomicFile.failed(target, place, e);
    }
    Runnable cleaner =
        () -> {
          try {
            lock.close();
          } catch (IOException e) {
            // The lock ends with the process.
            return;
          }
        };
    ShutdownTasks.add(cleaner);
    try {
      work.run();
    } finally {
      lock.close();
      ShutdownTasks.remove(cleaner);
    }
  }
}
