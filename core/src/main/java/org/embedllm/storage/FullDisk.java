package org.embedllm.storage;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Failures to write because a disk, or a user's share of it, is full.
public final class FullDisk {
  private static final List<String> WORDS =
      List.of("No space left on device", "Disk quota exceeded", "not enough space on the disk");

  private FullDisk() {}

  /// The failure with the name of the file that grows and the bytes that were needed, where a full
  /// disk is its reason; any other failure with the name alone.
  ///
  /// @param bytes that were to be added
  public static IOException named(Path file, long bytes, IOException failure) {
    return named(
        file,
        isReasonOf(failure)
            ? "the disk is full: %,d bytes more are needed".formatted(bytes)
            : "cannot be written: " + failure.getMessage(),
        failure);
  }

  /// The failure with the target's name and the bytes that were needed, where a full disk is its
  /// reason; any other failure as it is.
  ///
  /// @param bytes that were to be written, or 0 where that is not known
  /// @param unfinished the temporary file or folder, which still is there
  static IOException named(Path target, long bytes, Path unfinished, IOException failure) {
    return isReasonOf(failure)
        ? named(
            target,
            "the disk is full%s; nothing was replaced".formatted(space(bytes, unfinished)),
            failure)
        : failure;
  }

  private static boolean isReasonOf(IOException failure) {
    String message = String.valueOf(failure.getMessage());
    return WORDS.stream().anyMatch(message::contains);
  }

  private static IOException named(Path file, String reason, IOException failure) {
    FileSystemException named = new FileSystemException(file.toString(), null, reason);
    named.initCause(failure);
    return named;
  }

  /// How many bytes are needed, and how many there were for what was written; nothing where that
  /// cannot be told. Somebody else may have freed some by now.
  private static String space(long needed, Path unfinished) {
    try {
      long free = StoredBytes.of(unfinished) + Files.getFileStore(unfinished).getUsableSpace();
      return needed > free
          ? ": %,d bytes are needed, and %,d were free".formatted(needed, free)
          : ": more than the %,d bytes that were free are needed".formatted(free);
    } catch (IOException e) {
      return needed > 0 ? ": %,d bytes are needed".formatted(needed) : "";
    }
  }
}
