package org.embedllm.storage;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Failures to write because a disk, or a user's share of it, is full.
final class FullDisk {
  private static final List<String> WORDS =
      List.of("No space left on device", "Disk quota exceeded", "not enough space on the disk");

  private FullDisk() {}

  /// The failure with the target's name and the bytes that were needed, where a full disk is its
  /// reason; any other failure as it is.
  ///
  /// @param unfinished the temporary file or folder, which still is there
  static IOException named(Path target, Path unfinished, IOException failure) {
    String message = String.valueOf(failure.getMessage());
    if (WORDS.stream().noneMatch(message::contains)) {
      return failure;
    }
    FileSystemException named =
        new FileSystemException(
            target.toString(),
            null,
            "the disk is full%s; nothing was replaced".formatted(free(unfinished)));
    named.initCause(failure);
    return named;
  }

  /// How many bytes there were for what was written; nothing where that cannot be told.
  private static String free(Path unfinished) {
    try {
      long bytes = StoredBytes.of(unfinished) + Files.getFileStore(unfinished).getUsableSpace();
      return ": %,d bytes were free, and more are needed".formatted(bytes);
    } catch (IOException e) {
      return "";
    }
  }
}
