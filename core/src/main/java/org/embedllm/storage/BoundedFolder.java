package org.embedllm.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A folder of files that can be made again, kept within a number of bytes.
public final class BoundedFolder {
  private static final Logger LOG = LoggerFactory.getLogger(BoundedFolder.class);

  private BoundedFolder() {}

  private record Kept(Path file, long bytes, FileTime used) {}

  /// Deletes what was not used for longest until a folder is within its bound.
  ///
  /// @param bound bytes of the files in it and in its folders
  public static void keep(Path folder, long bound) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    List<Kept> kept = new ArrayList<>();
    try (Stream<Path> tree = Files.walk(folder, 2)) {
      for (Path file : tree.filter(Files::isRegularFile).toList()) {
        kept.add(new Kept(file, Files.size(file), Files.getLastModifiedTime(file)));
      }
    }
    kept.sort(Comparator.comparing(Kept::used));
    long bytes = kept.stream().mapToLong(Kept::bytes).sum();
    for (Kept old : kept) {
      if (bytes <= bound) {
        return;
      }
      delete(old.file());
      bytes -= old.bytes();
    }
  }

  /// Deletes a file, as far as that can be done.
  public static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.debug("a kept file cannot be deleted", e);
    }
  }
}
