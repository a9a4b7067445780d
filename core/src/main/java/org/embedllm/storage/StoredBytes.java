package org.embedllm.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.stream.Stream;

/// How many bytes files have.
public final class StoredBytes {
  private StoredBytes() {}

  /// The bytes of a file, or of all files below a folder; 0 where there is nothing.
  public static long of(Path path) throws IOException {
    if (!Files.exists(path)) {
      return 0;
    }
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
