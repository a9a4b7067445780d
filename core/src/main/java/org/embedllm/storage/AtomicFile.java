package org.embedllm.storage;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/// Replaces a file atomically: readers see the old one or the new one.
public final class AtomicFile {

  /// The content of the file.
  @FunctionalInterface
  public interface Content {
    void writeTo(FileChannel channel) throws IOException;
  }

  /// The content of the file, written by its name.
  @FunctionalInterface
  public interface NamedContent {
    void writeTo(Path file) throws IOException;
  }

  /// Like [Content], on a stream.
  @FunctionalInterface
  public interface StreamContent {
    void writeTo(OutputStream out) throws IOException;
  }

  private static final String ENDING = ".tmp";

  /// Temporary files of this process; a lock says it to others only.
  private static final Set<Path> LIVE = ConcurrentHashMap.newKeySet();

  private AtomicFile() {}

  /// Refuses a target that [#write] could not write, before hours of computation.
  ///
  /// @throws BadInputException where it is a folder or a device, or its folder cannot be written
  public static void requirePlace(Path target) {
    if (Files.isDirectory(target)) {
      throw BadInputException.in(target, "is a directory; give the name of a file to write");
    }
    if (WrittenPlace.isDevice(target)) {
      throw BadInputException.in(target, "is a device or a pipe; give the name of a file to write");
    }
    Path place;
    try {
      place = WrittenPlace.followed(target);
    } catch (IOException e) {
      throw BadInputException.in(target, "cannot be written: " + e.getMessage(), e);
    }
    Path folder = place.getParent();
    while (folder != null && !Files.exists(folder)) {
      folder = folder.getParent();
    }
    if (folder == null || !Files.isDirectory(folder)) {
      throw BadInputException.in(target, "cannot be written: " + folder + " is no folder");
    }
    requireName(place);
    try {
      tryToWrite(folder);
    } catch (IOException e) {
      throw BadInputException.in(target, "cannot be written: no file can be made in " + folder, e);
    }
  }

  /// Makes a file and deletes it. It has one name for each user, so that the next command deletes
  /// what a killed one has left.
  private static void tryToWrite(Path folder) throws IOException {
    int user = System.getProperty("user.name", "").hashCode();
    Path trial = folder.resolve(".embedllm-" + Integer.toHexString(user) + ENDING);
    Files.deleteIfExists(trial);
    try {
      Files.createFile(trial);
    } catch (FileAlreadyExistsException e) {
      // Another process tries just now.
      return;
    }
    Files.deleteIfExists(trial);
  }

  /// Refuses a name that its file system cannot hold, such as one of more than 255 bytes.
  ///
  /// @throws BadInputException where it cannot
  public static void requireName(Path target) {
    Path folder = target.toAbsolutePath().getParent();
    while (folder != null && !Files.exists(folder)) {
      folder = folder.getParent();
    }
    if (folder == null) {
      return;
    }
    Path file = folder.resolve(String.valueOf(target.getFileName()));
    try {
      Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return;
    } catch (FileSystemException e) {
      throw BadInputException.in(target, "cannot be written: " + e.getReason(), e);
    } catch (IOException e) {
      throw BadInputException.in(target, "cannot be written: " + e.getMessage(), e);
    }
  }

  /// The file that a name means: symbolic links are followed, as [#write] does.
  public static Path followed(Path target) throws IOException {
    return WrittenPlace.followed(target);
  }

  /// Refuses a target whose disk has no space for what will be written.
  ///
  /// @param bytes that will be written, about
  /// @throws BadInputException where the disk has less
  public static void requireSpace(Path target, long bytes) {
    try {
      Path folder = WrittenPlace.followed(target).getParent();
      while (folder != null && !Files.exists(folder)) {
        folder = folder.getParent();
      }
      long free = folder == null ? Long.MAX_VALUE : Files.getFileStore(folder).getUsableSpace();
      if (free < bytes) {
        throw BadInputException.in(
            target,
            "needs about %,d MB, and the disk has %,d MB free"
                .formatted(Math.ceilDiv(bytes, 1_000_000), free / 1_000_000));
      }
    } catch (IOException e) {
      // Without an answer of the disk the write itself will tell.
      return;
    }
  }

  /// Writes to a temporary name in the same folder, syncs it, and renames it to `target`. A file
  /// that is replaced leaves it its permissions. A symbolic link is followed; a device or a pipe is
  /// written to directly.
  ///
  /// @throws IOException when the content cannot be written; the target is then untouched and the
  ///   temporary file is gone
  public static void write(Path target, Content content) throws IOException {
    writeOf(0, target, content);
  }

  /// The same, where it is known how much is written: a target whose disk has less space is
  /// refused.
  ///
  /// @param bytes that are written
  /// @throws BadInputException where the disk has less
  public static void write(Path target, long bytes, Content content) throws IOException {
    requireSpace(target, bytes);
    writeOf(bytes, target, content);
  }

  private static void writeOf(long bytes, Path target, Content content) throws IOException {
    if (WrittenPlace.isDevice(target)) {
      try (FileChannel channel = FileChannel.open(target, StandardOpenOption.WRITE)) {
        content.writeTo(channel);
      }
      return;
    }
    byName(
        target,
        bytes,
        (temporary, channel, mode) -> {
          content.writeTo(channel);
          channel.force(true);
          return Optional.of(temporary);
        });
  }

  /// [#write] by code that opens the file by its name. A device or a pipe is refused.
  public static void writeNamed(Path target, NamedContent content) throws IOException {
    requirePlace(target);
    byName(
        target,
        0,
        (temporary, channel, mode) -> {
          Path file = byNameOnly(temporary, mode);
          content.writeTo(file);
          try (FileChannel written = FileChannel.open(file, StandardOpenOption.WRITE)) {
            written.force(true);
          }
          return Optional.of(file);
        });
  }

  /// Work that needs a file beside a target; the file is deleted at the end.
  public static void withTemporary(Path target, NamedContent work) throws IOException {
    byName(
        target,
        0,
        (temporary, channel, mode) -> {
          work.writeTo(byNameOnly(temporary, mode));
          return Optional.empty();
        });
  }

  /// The file beside a temporary one that code may open by its name. Closing a file gives back the
  /// locks that its process has on it, so the locked one is another and stays empty.
  private static Path byNameOnly(Path temporary) {
    return temporary.resolveSibling(temporary.getFileName() + ".data");
  }

  /// The same, made empty for those alone who may read the target.
  private static Path byNameOnly(Path temporary, KeptMode mode) throws IOException {
    Path file = Files.createFile(byNameOnly(temporary));
    mode.begin(file);
    return file;
  }

  /// What happens with a temporary file: the file that replaces the target, if any.
  @FunctionalInterface
  private interface Work {
    Optional<Path> on(Path temporary, FileChannel channel, KeptMode mode) throws IOException;
  }

  private static void byName(Path target, long bytes, Work work) throws IOException {
    Path place = WrittenPlace.followed(target);
    Path folder = place.getParent();
    if (folder == null) {
      throw new IOException(target + " is not a file name");
    }
    Files.createDirectories(folder);
    clearLeftovers(folder, place);
    // Not createTempFile: its file is readable by the owner only, and the target would be too.
    Path temporary = TemporaryName.beside(place, ".", ENDING);
    KeptMode mode = KeptMode.at(place);
    LIVE.add(temporary);
    var made = new AtomicReference<FileChannel>();
    try (UndoneAtEnd steps = new UndoneAtEnd(() -> deleteQuietly(temporary))) {
      steps.step(() -> made.set(locked(temporary)));
      try (FileChannel channel = made.get()) {
        mode.begin(temporary);
        Optional<Path> written = work.on(temporary, channel, mode);
        if (written.isPresent()) {
          mode.end(written.get());
          // Still locked: nobody takes it for a leftover before it has its name.
          rename(written.get(), place, folder);
        }
      }
    } catch (IOException e) {
      throw failed(target, bytes, temporary, e);
    } catch (UncheckedIOException e) {
      throw failed(target, bytes, temporary, Objects.requireNonNull(e.getCause()));
    } finally {
      delete(temporary);
      LIVE.remove(temporary);
    }
  }

  private static void delete(Path temporary) throws IOException {
    Files.deleteIfExists(byNameOnly(temporary));
    Files.deleteIfExists(temporary);
  }

  private static void rename(Path temporary, Path place, Path folder) throws IOException {
    try {
      Files.move(
          temporary, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(temporary, place, StandardCopyOption.REPLACE_EXISTING);
    }
    syncFolder(folder);
  }

  /// A failure to write with the target's name, and with the bytes that were needed where a full
  /// disk is its reason.
  ///
  /// @param bytes that were to be written, or 0 where that is not known
  static IOException failed(Path target, long bytes, Path temporary, IOException failure) {
    Path unfinished = byNameOnly(temporary);
    IOException named =
        FullDisk.named(target, bytes, Files.exists(unfinished) ? unfinished : temporary, failure);
    String message = String.valueOf(named.getMessage());
    return named instanceof FileSystemException
            || named instanceof ClosedChannelException
            || message.contains(target.toString())
        ? named
        : new IOException(target + ": cannot be written: " + message, named);
  }

  /// A new file, locked; another process may take it for a leftover until then.
  private static FileChannel locked(Path temporary) throws IOException {
    while (true) {
      FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
      if (lock(channel) && Files.exists(temporary)) {
        return channel;
      }
      channel.close();
      Files.deleteIfExists(temporary);
    }
  }

  private static boolean lock(FileChannel channel) {
    try {
      return channel.tryLock() != null;
    } catch (IOException e) {
      // A file system without locks: nobody will take this file for a leftover either.
      return true;
    }
  }

  /// Deletes temporary files of the same target whose writers were killed: nobody has them locked.
  private static void clearLeftovers(Path folder, Path place) throws IOException {
    List<Path> found;
    try (Stream<Path> siblings = Files.list(folder)) {
      found =
          siblings
              .filter(file -> TemporaryName.isOf(place, file, ".", ENDING))
              .filter(file -> !LIVE.contains(file))
              .toList();
    }
    for (Path file : found) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        if (channel.tryLock() != null) {
          delete(file);
        }
      } catch (IOException | OverlappingFileLockException e) {
        // It is somebody's, or gone.
      }
    }
  }

  private static void deleteQuietly(Path temporary) {
    try {
      delete(temporary);
    } catch (IOException e) {
      // The next write to this target tries again.
      return;
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
