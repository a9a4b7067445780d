package org.embedllm.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/// Where something is written when a user names a place, as `cp` would: symbolic links are
/// followed, and a device or a pipe is written to and never replaced.
final class WrittenPlace {
  private static final int MOST_LINKS = 40;

  private WrittenPlace() {}

  /// Whether a place is neither a file nor a folder: a device, a pipe or a socket.
  static boolean isDevice(Path place) {
    try {
      return Files.readAttributes(place, BasicFileAttributes.class).isOther();
    } catch (IOException e) {
      return false;
    }
  }

  /// The place that a chain of symbolic links names, which need not exist. What exists of its
  /// folder is the real one, so `link/../name` is beside what the link names, and the place is the
  /// same before and after its folder is made.
  static Path followed(Path place) throws IOException {
    Path at = place.toAbsolutePath();
    for (int links = 0; Files.isSymbolicLink(at); links++) {
      if (links == MOST_LINKS) {
        throw new IOException(place + ": too many levels of symbolic links");
      }
      at = at.resolveSibling(Files.readSymbolicLink(at));
    }
    Path folder = at.getParent();
    Path name = at.getFileName();
    boolean plain = name != null && !name.toString().equals(".") && !name.toString().equals("..");
    Path existing = folder;
    while (existing != null && !Files.isDirectory(existing)) {
      existing = existing.getParent();
    }
    return existing != null && folder != null && plain
        ? existing.toRealPath().resolve(existing.relativize(folder)).resolve(name).normalize()
        : at.normalize();
  }
}
