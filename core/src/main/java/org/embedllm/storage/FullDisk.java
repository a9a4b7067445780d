package org.embedllm.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.stream.Stream;

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
    try {
      long written = bytes(unfinished);
      long free = written + Files.getFileStore(unfinished).getUsableSpace();
      return new IOException(
          "%s: the disk is full: more than %,d bytes are needed beside what is there, and %,d are free; nothing was replaced"
              .formatted(target, written, free),
          failure);
    } catch (IOException e) {
      return new IOException(target + ": the disk is full; nothing was replaced", failure);
    }
  }

  private static long bytes(Path path) throws IOException {
    try (Stream<Path> files = Files.walk(path)) {
      long sum = 0;
      for (Path file : (Iterable<Path>) files::iterator) {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        sum += attributes.isRegularFile() ? attributes.size() : 0;
      }
      return sum;
    }
  }
}
