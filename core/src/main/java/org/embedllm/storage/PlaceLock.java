package org.embedllm.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/// The right to write one place, which one process has at a time: in this container, in another, or
/// on another machine that mounts the volume.
///
/// It is a lock of the operating system on `.NAME.lock` beside the place, which ends with its
/// process. Where a file system has no locks, the file itself is the lock, and one that a killed
/// process left behind is named in the error.
final class PlaceLock {
  private static final int LONGEST = 1 << 20; // bytes of the file, which is empty but for its end

  private final Path file;
  private final FileChannel channel;

  private PlaceLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /// Takes the lock of a place.
  ///
  /// @throws BadInputException when another process has it
  static PlaceLock take(Path place) throws IOException {
    Path file = place.resolveSibling("." + TemporaryName.stem(place) + ".lock");
    while (true) {
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      try {
        if (channel.tryLock() == null) {
          throw taken(place);
        }
      } catch (OverlappingFileLockException e) {
        channel.close();
        throw taken(place);
      } catch (BadInputException e) {
        channel.close();
        throw e;
      } catch (IOException e) {
        channel.close();
        return withoutLocks(place, file);
      }
      if (isStillThere(file, channel)) {
        return new PlaceLock(file, channel);
      }
      channel.close();
    }
  }

  /// The file may have been deleted by its last holder just before it was locked here: then the one
  /// of that name has not the length that this one gets. It is not opened to be compared, as
  /// closing it would give the lock back.
  private static boolean isStillThere(Path file, FileChannel channel) throws IOException {
    int length = ThreadLocalRandom.current().nextInt(1, LONGEST);
    try {
      channel.truncate(0);
      channel.write(ByteBuffer.allocate(1), length - 1L);
    } catch (IOException e) {
      // A full disk, for instance.
      Files.deleteIfExists(file);
      channel.close();
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
          alone, FileChannel.open(alone, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    } catch (FileAlreadyExistsException e) {
      throw BadInputException.in(
          place,
          "is being written by another embedllm; if none is running, delete %s".formatted(alone));
    }
  }

  private static BadInputException taken(Path place) {
    return BadInputException.in(
        place, "is being written by another embedllm; wait for it, or give another --to");
  }

  /// Gives the lock back.
  void close() throws IOException {
    Files.deleteIfExists(file);
    channel.close();
  }
}
