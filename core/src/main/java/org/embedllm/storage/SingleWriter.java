package org.embedllm.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Writes a place in several steps, which one process does at a time, or adds files to a folder,
/// which several do, but none while another one replaces the folder. Not safe for several threads.
public final class SingleWriter implements AutoCloseable {
  private final Path place;
  private final Optional<PlaceLock> lock;
  private final List<Path> madeFolders; // the deepest first
  private final Runnable cleaner = this::closeQuietly;

  private SingleWriter(Path place, Optional<PlaceLock> lock, List<Path> madeFolders) {
    this.place = place;
    this.lock = lock;
    this.madeFolders = madeFolders;
    ShutdownTasks.add(cleaner);
  }

  /// What is done with the place.
  @FunctionalInterface
  public interface Work {
    void run() throws IOException;
  }

  /// Keeps other processes from writing a place until it is closed. Its folder is made, and deleted
  /// again where nothing was written. A symbolic link is followed.
  ///
  /// @throws BadInputException when another process is writing it
  public static SingleWriter of(Path target) throws IOException {
    Path place = WrittenPlace.followed(target);
    List<Path> made = new ArrayList<>();
    Path folder = folder(target, place);
    for (Path next = folder; next != null && Files.notExists(next); next = next.getParent()) {
      made.add(next);
    }
    Files.createDirectories(folder);
    try {
      return new SingleWriter(place, Optional.of(PlaceLock.take(place)), made);
    } catch (IOException e) {
      deleteEmpty(made);
      throw AtomicFile.failed(target, 0, place, e);
    }
  }

  private static void deleteEmpty(List<Path> folders) {
    try {
      for (Path folder : folders) {
        Files.deleteIfExists(folder);
      }
    } catch (IOException e) {
      // Something is in it.
      return;
    }
  }

  /// Keeps other processes from replacing a folder until it is closed; they may add to it. Where
  /// nothing can be written beside the folder, nobody can replace it, and nothing is locked.
  ///
  /// @throws BadInputException when another process is replacing it
  public static SingleWriter adding(Path target) throws IOException {
    Path place = WrittenPlace.followed(target);
    if (!Files.isWritable(folder(target, place))) {
      return new SingleWriter(place, Optional.empty(), List.of());
    }
    try {
      return new SingleWriter(place, Optional.of(PlaceLock.share(place)), List.of());
    } catch (IOException e) {
      throw AtomicFile.failed(target, 0, place, e);
    }
  }

  /// Does work on a place while no other process does. A symbolic link is followed.
  ///
  /// @throws BadInputException when another process is writing it
  public static void write(Path target, Work work) throws IOException {
    SingleWriter writer = of(target);
    try {
      work.run();
    } finally {
      writer.close();
    }
  }

  private static Path folder(Path target, Path place) throws IOException {
    Path folder = place.getParent();
    if (folder == null) {
      throw new IOException(target + " is not a file name");
    }
    return folder;
  }

  /// Where it writes, without symbolic links.
  Path place() {
    return place;
  }

  @Override
  public void close() throws IOException {
    if (lock.isPresent()) {
      lock.get().close();
    }
    deleteEmpty(madeFolders);
    ShutdownTasks.remove(cleaner);
  }

  private void closeQuietly() {
    try {
      close();
    } catch (IOException e) {
      // The lock ends with the process.
      return;
    }
  }
}
