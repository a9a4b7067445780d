package org.embedllm.dataset;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.embedllm.storage.AtomicFile;
import org.embedllm.storage.BadInputException;

/// The target of a data set: what may be replaced, and the errors of writing.
final class DatasetTarget {
  private DatasetTarget() {}

  /// @param force whether an existing data set is replaced
  ///
  /// @throws BadInputException when the target exists and must not be replaced
  static void requireFree(Path target, boolean force) {
    if (!Files.exists(target)) {
      requirePlace(target);
      return;
    }
    if (!Files.isDirectory(target)) {
      throw BadInputException.in(target, "is a file; a data set is a directory");
    }
    if (DatasetDirectory.isDataset(target)) {
      if (!force) {
        throw BadInputException.in(
            target, "already holds a data set; give --force to replace it, or another --to");
      }
      return;
    }
    if (!isEmpty(target)) {
      throw BadInputException.in(
          target, "is a directory that is no data set; it is not replaced, give another --to");
    }
  }

  private static boolean isEmpty(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.findAny().isEmpty();
    } catch (IOException e) {
      return false;
    }
  }

  private static void requirePlace(Path target) {
    Path above = target.toAbsolutePath().normalize().getParent();
    while (above != null && !Files.exists(above)) {
      above = above.getParent();
    }
    if (above != null && !Files.isDirectory(above)) {
      throw BadInputException.in(target, "cannot be written: " + above + " is a file");
    }
    if (above != null && !Files.isWritable(above)) {
      throw BadInputException.in(target, "cannot be written: permission denied in " + above);
    }
    AtomicFile.requireName(target);
  }

  /// The error for a failure to write.
  static BadInputException failed(Path target, Exception failure) {
    Throwable cause =
        failure instanceof UncheckedIOException wrapped ? wrapped.getCause() : failure;
    String reason =
        switch (cause) {
          case null -> String.valueOf(failure.getMessage());
          case AccessDeniedException denied -> "permission denied";
          case NoSuchFileException missing -> missing.getFile() + " cannot be made there";
          case FileSystemException e when e.getReason() != null -> e.getReason();
          case FileSystemException e -> e.getClass().getSimpleName() + " " + e.getFile();
          default -> String.valueOf(cause.getMessage());
        };
    return BadInputException.in(target, "cannot be written: " + reason, failure);
  }
}
