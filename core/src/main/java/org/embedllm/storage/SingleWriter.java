package org.embedllm.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Writes a place in several steps, which one process does at a time, or adds files to a folder,
/// which several do, but none while another one replaces the folder. Not safe for several threads.
public final class SingleWriter implements AutoCloseable {
  /// What this process has, by place. A process opens each lock file once: closing a second channel
  /// would release the lock. Guarded by itself.
  private static final Map<Path, Held> HELD = new HashMap<>();

  /// The lock of a place.
  private static final class Held {
    private final PlaceLock lock;
    private final Optional<Thread> owner; // empty where several may have a part of it
    private int holders = 1;

    Held(PlaceLock lock, Optional<Thread> owner) {
      this.lock = lock;
      this.owner = owner;
    }
  }

  private final Path place;
  private final List<Path> madeFolders; // the deepest first
  private final UndoneAtEnd steps = new UndoneAtEnd(this::releaseQuietly);
  private boolean holds; // guarded by HELD

  private SingleWriter(Path place, List<Path> madeFolders) {
    this.place = place;
    this.madeFolders = madeFolders;
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
    SingleWriter writer = new SingleWriter(place, made);
    writer.take(
        target,
        () -> {
          synchronized (HELD) {
            if (HELD.containsKey(place)) {
              throw BadInputException.in(place, PlaceLock.WRITTEN);
            }
            Files.createDirectories(folder);
            HELD.put(place, new Held(PlaceLock.take(place), Optional.of(Thread.currentThread())));
            writer.holds = true;
          }
        });
    return writer;
  }

  /// The same, also for a thread that has the place already; it goes on having it when this is
  /// closed.
  ///
  /// @throws BadInputException when another process or thread is writing it
  public static SingleWriter ofThread(Path target) throws IOException {
    Path place = WrittenPlace.followed(target);
    return isOwn(place) ? new SingleWriter(place, List.of()) : of(target);
  }

  private static boolean isOwn(Path place) {
    synchronized (HELD) {
      Held held = HELD.get(place);
      return held != null && held.owner.filter(Thread.currentThread()::equals).isPresent();
    }
  }

  private void take(Path target, UndoneAtEnd.Step step) throws IOException {
    boolean taken = false;
    try {
      steps.step(step);
      taken = true;
    } catch (IOException e) {
      throw AtomicFile.failed(target, 0, place, e);
    } finally {
      if (!taken) {
        close();
      }
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
    SingleWriter writer = new SingleWriter(place, List.of());
    if (Files.isWritable(folder(target, place))) {
      writer.take(
          target,
          () -> {
            synchronized (HELD) {
              Held held = HELD.get(place);
              if (held == null) {
                HELD.put(place, new Held(PlaceLock.share(place), Optional.empty()));
              } else if (held.owner.isPresent()) {
                throw BadInputException.in(place, PlaceLock.REPLACED);
              } else {
                held.holders++;
              }
              writer.holds = true;
            }
          });
    }
    return writer;
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
    try (steps) {
      release();
    }
  }

  private void release() throws IOException {
    synchronized (HELD) {
      Held held = HELD.get(place);
      if (holds && held != null) {
        holds = false;
        held.holders--;
        if (held.holders == 0) {
          HELD.remove(place);
          held.lock.close();
        }
      }
    }
    deleteEmpty(madeFolders);
  }

  private void releaseQuietly() {
    try {
      release();
    } catch (IOException e) {
      // The lock ends with the process.
      return;
    }
  }
}
