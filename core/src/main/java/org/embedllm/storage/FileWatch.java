package org.embedllm.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/// Notices that a file has been replaced or changed.
public final class FileWatch {
  private final Path file;
  private Optional<Look> seen;

  private record Look(long size, long modified, String key) {}

  public FileWatch(Path file) {
    this.file = file;
    this.seen = look();
  }

  /// Whether the file is another one than at the last call; a file that is missing for a moment has
  /// not changed.
  public boolean changed() {
    Optional<Look> now = look();
    if (now.isEmpty() || now.equals(seen)) {
      return false;
    }
    seen = now;
    return true;
  }

  private Optional<Look> look() {
    try {
      BasicFileAttributes a = Files.readAttributes(file, BasicFileAttributes.class);
      return Optional.of(
          new Look(a.size(), a.lastModifiedTime().toMillis(), String.valueOf(a.fileKey())));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
