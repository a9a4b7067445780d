package org.embedllm.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/// A folder for temporary files of this process, which only its user can read. It is deleted when
/// it is closed, or when the process ends; what a killed process left is deleted by the next one
/// that makes a folder of the same kind.
public final class ProcessFolder implements AutoCloseable {
  private static final String MIDDLE = "-";

  private final Path path;
  private final SingleWriter writer; // says to others that the folder is in use
  private final Runnable cleaner = this::close;

  private ProcessFolder(Path path, SingleWriter writer) {
    this.path = path;
    this.writer = writer;
  }

  /// Makes one in the system's temporary folder.
  ///
  /// @param kind what is in it, which its name says
  public static ProcessFolder make(String kind) throws IOException {
    Path all = Path.of(System.getProperty("java.io.tmpdir", ".")).toAbsolutePath();
    Path start = all.resolve("embedllm-" + kind);
    clearLeftovers(all, start);
    Path path = TemporaryName.beside(start, MIDDLE, "");
    // It is locked before it is there: nobody takes it for a leftover.
    ProcessFolder folder = new ProcessFolder(path, SingleWriter.of(path));
    ShutdownTasks.add(folder.cleaner);
    try {
      Files.createDirectory(path, ownerOnly(all));
    } catch (IOException e) {
      folder.close();
      throw e;
    }
    return folder;
  }

  private static FileAttribute<?>[] ownerOnly(Path all) {
    return all.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
        }
        : new FileAttribute<?>[0];
  }

  private static void clearLeftovers(Path all, Path start) {
    List<Path> found;
    try (Stream<Path> entries = Files.list(all)) {
      found = entries.filter(entry -> TemporaryName.isOf(start, entry, MIDDLE, "")).toList();
    } catch (IOException | UncheckedIOException e) {
      // A folder that may be written but not listed: leftovers stay.
      return;
    }
    for (Path folder : found) {
      try {
        SingleWriter.write(folder, () -> AtomicDirectory.delete(folder));
      } catch (IOException | BadInputException e) {
        // Its process lives, or it is another user's.
      }
    }
  }

  public Path path() {
    return path;
  }

  @Override
  public void close() {
    ShutdownTasks.remove(cleaner);
    AtomicDirectory.deleteQuietly(path);
    try {
      writer.close();
    } catch (IOException e) {
      // The lock ends with the process.
      return;
    }
  }
}
