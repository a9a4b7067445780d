package org.embedllm.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The right to write one place, which one process has at a time: in this container, in another, or
/// on another machine that mounts the volume. Several may have a part of it instead, while nobody
/// has all of it.
///
/// It is a lock of the operating system on `.NAME.lock` beside the place, which ends with its
/// process. Where a file system has no locks, the file itself is the lock, and one that a killed
/// process left behind is named in the error.
final class PlaceLock {
  /// What is said to who wants all of a place that is taken.
  static final String WRITTEN =
      "is being written by another embedllm; wait for it, or give another --to";

  /// What is said to who wants a part of it.
  static final String REPLACED = "is being replaced by another embedllm; wait for it";

  private static final int LONGEST = 1 << 20; // bytes of the file, which is empty but for its end

  private static final int SHARED_TRIES = 20;
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(10);

  private final Path file;
  private final FileChannel channel;
  private final Optional<FileLock> part; // of several holders each has one

  private PlaceLock(Path file, FileChannel channel, Optional<FileLock> part) {
    this.file = file;
    this.channel = channel;
    this.part = part;
  }

  /// Takes the lock of a place.
  ///
  /// @throws BadInputException when another process has it or a part of it
  static PlaceLock take(Path place) throws IOException {
    return lock(place, WRITTEN, false);
  }

  /// Takes a part of the lock of a place, so that nobody can take all of it.
  ///
  /// @throws BadInputException when another process has all of it
  static PlaceLock share(Path place) throws IOException {
    return lock(place, REPLACED, true);
  }

  private static PlaceLock lock(Path place, String taken, boolean shared) throws IOException {
    Path file = place.resolveSibling("." + TemporaryName.stem(place) + ".lock");
    for (int tries = 1; true; tries++) {
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      Optional<FileLock> lock;
      try {
        lock = Optional.ofNullable(shared ? part(channel) : channel.tryLock());
      } catch (OverlappingFileLockException e) {
        lock = Optional.empty();
      } catch (IOException e) {
        channel.close();
        return withoutLocks(place, file);
      }
      if (lock.isEmpty()) {
        channel.close();
        if (shared && tries < SHARED_TRIES) {
          // The last of several holders has all of it for a moment while it ends.
          LockSupport.parkNanos(BETWEEN_TRIES.toNanos());
          continue;
        }
        throw BadInputException.in(place, taken);
      }
      PlaceLock held = new PlaceLock(file, channel, shared ? lock : Optional.empty());
      if (held.isStillThere()) {
        return held;
      }
      channel.close();
    }
  }

  /// One byte of so many that no two processes choose the same. Locks of one process may not
  /// overlap either, so a shared lock of the whole file would not do.
  private static @Nullable FileLock part(FileChannel channel) throws IOException {
    return channel.tryLock(
        ThreadLocalRandom.current().nextLong(LONGEST, Long.MAX_VALUE - 1), 1, false);
  }

  /// The file may have been deleted by its last holder just before it was locked here: then the one
  /// of that name has not the length that this one gets. It is not opened to be compared, as
  /// closing it would give the lock back.
  private boolean isStillThere() throws IOException {
    int length = ThreadLocalRandom.current().nextInt(1, LONGEST);
    try {
      channel.truncate(0);
      channel.write(ByteBuffer.allocate(1), length - 1L);
    } catch (IOException e) {
      // A full disk, for instance.
      close();
      throw e;
    }
    try {
      return Files.size(file) == length;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private static PlaceLock withoutLocks(Path place, Path file) throws IOException {
    Path alone = file.resolveSibling(file.getFileName() + "ed");
    try {
      Files.deleteIfExists(file);
      return new PlaceLock(
          alone,
          FileChannel.open(alone, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
          Optional.empty());
    } catch (FileAlreadyExistsException e) {
      throw BadInputException.in(
          place,
          "is being written by another embedllm; if none is running, delete %s".formatted(alone));
    }
  }

  /// Gives the lock back; the last holder deletes the file.
  void close() throws IOException {
    if (!channel.isOpen()) {
      return;
    }
    if (isLast()) {
      Files.deleteIfExists(file);
    }
    channel.close();
  }

  private boolean isLast() {
    if (part.isEmpty()) {
      return true;
    }
    try {
      part.get().release();
      return channel.tryLock() != null;
    } catch (IOException | OverlappingFileLockException e) {
      return false;
    }
  }
}
