package org.embedllm.storage;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/// Replaces a file atomically: readers see the old one or the new one.
public final class AtomicFile {
  private AtomicFile() {}

  /// The content of the file.
  @FunctionalInterface
  public interface Content {
    void writeTo(FileChannel channel) throws IOException;
  }

  /// Like [Content], on a stream.
  @FunctionalInterface
  public interface StreamContent {
    void writeTo(OutputStream out) throws IOException;
  }

  /// Refuses a target that [#write] could not write, before hours of computation.
  ///
  /// @throws BadInputException where it is a folder, or its folder cannot be written
  public static void requirePlace(Path target) {
    if (Files.isDirectory(target)) {
      throw BadInputException.in(target, "is a directory; give the name of a file to write");
    }
    Path folder = target.toAbsolutePath().normalize().getParent();
    while (folder != null && !Files.exists(folder)) {
      folder = folder.getParent();
    }
    if (folder == null || !Files.isDirectory(folder)) {
      throw BadInputException.in(target, "cannot be written: " + folder + " is no folder");
    }
    Path trial = folder.resolve("." + UUID.randomUUID() + ".tmp");
    try {
      Files.createFile(trial);
      Files.delete(trial);
    } catch (IOException e) {
      throw BadInputException.in(target, "cannot be written: no file can be made in " + folder, e);
    }
  }

  /// Writes to a temporary name in the same folder, syncs it, and renames it to `target`.
  ///
  /// @throws IOException when the content cannot be written; the target is then untouched and the
  ///   temporary file is gone
  public static void write(Path target, Content content) throws IOException {
    Path folder = target.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException(target + " is not a file name");
    }
    Files.createDirectories(folder);
    Path name = target.getFileName();
    // Not createTempFile: its file is readable by the owner only, and the target would be too.
    Path temporary = folder.resolve("." + name + "." + UUID.randomUUID() + ".tmp");
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
        content.writeTo(channel);
        channel.force(true);
      }
      try {
        Files.move(
            temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
      }
      syncFolder(folder);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /// [#write] through a buffered stream.
  public static void writeStream(Path target, StreamContent content) throws IOException {
    write(
        target,
        channel -> {
          // The channel is closed by write, after the sync.
          var out = new java.io.BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
          content.writeTo(out);
          out.flush();
        });
  }

  /// Makes a rename durable where the operating system can open a folder for that.
  private static void syncFolder(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // Windows has no way to sync a folder; the file itself is already safe.
      return;
    }
  }
}
