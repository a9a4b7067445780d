package org.embedllm.storage;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.UUID;

/// Names of files that are not finished: no two processes on any machine choose the same one.
final class TemporaryName {
  /// Bytes of a target's name in the names made from it: a name has 255 at most.
  private static final int MOST_BYTES = 160;

  private static final String UUID_PATTERN =
      "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

  private TemporaryName() {}

  /// The name of a place, cut where it is long.
  static String stem(Path place) {
    String name = String.valueOf(place.getFileName());
    if (name.getBytes(StandardCharsets.UTF_8).length <= MOST_BYTES) {
      return name;
    }
    int end = Math.min(name.length(), MOST_BYTES);
    while (name.substring(0, end).getBytes(StandardCharsets.UTF_8).length > MOST_BYTES
        || Character.isHighSurrogate(name.charAt(end - 1))) {
      end--;
    }
    return name.substring(0, end);
  }

  /// A new hidden name beside a place: `.NAME<middle>UUID<ending>`.
  static Path beside(Path place, String middle, String ending) {
    return place.resolveSibling("." + stem(place) + middle + UUID.randomUUID() + ending);
  }

  /// Whether a file's name is one that [#beside] makes.
  static boolean isOf(Path place, Path file, String middle, String ending) {
    String name = String.valueOf(file.getFileName());
    String start = "." + stem(place) + middle;
    return name.startsWith(start)
        && name.endsWith(ending)
        && name.length() >= start.length() + ending.length()
        && name.substring(start.length(), name.length() - ending.length()).matches(UUID_PATTERN);
  }
}
