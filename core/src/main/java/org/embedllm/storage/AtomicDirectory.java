package org.embedllm.storage;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Makes or replaces a directory as a whole: it is written atomically.
public final class AtomicDirectory {
  private static final String UNFINISHED = ".unfinished-";
  private static final String REPLACED = ".replaced-";

  private AtomicDirectory() {}

  /// The content of the directory.
  @FunctionalInterface
  public interface Content {
    /// @param folder an empty directory
    void writeTo(Path folder) throws IOException;
  }

  /// Fills a temporary directory beside `target`, syncs it, and renames it to `target`; the old
  /// directory is removed afterwards; the new one has its permissions. What killed runs left behind
  /// is removed first. One process writes a target at a time. A symbolic link is followed.
  ///
  /// @throws BadInputException when another process is writing the same target
  /// @throws IOException when the content cannot be written; the target is then untouched and the
  ///   temporary directory is gone
  public static void write(Path target, Content content) throws IOException {
    try (SingleWriter writer = SingleWriter.of(target)) {
      write(writer, content);
    }
  }

  /// The same, by who has the target already.
  ///
  /// @param writer of the target alone
  public static void write(SingleWriter writer, Content content) throws IOException {
    Path target = writer.place();
    Path parent = requireNonNull(target.getParent());
    clearLeftovers(parent, target);
    Path unfinished = TemporaryName.beside(target, UNFINISHED, "");
    Path replaced = TemporaryName.beside(target, REPLACED, "");
    KeptMode mode = KeptMode.at(target);
    // An interrupt by the user ends the process without unwinding it.
    try (UndoneAtEnd steps = new UndoneAtEnd(() -> deleteQuietly(unfinished))) {
      steps.step(() -> Files.createDirectory(unfinished));
      mode.begin(unfinished);
      content.writeTo(unfinished);
      sync(unfinished);
      mode.end(unfinished);
      // A directory that is being deleted gets no name.
      steps.step(() -> rename(unfinished, target, replaced));
      syncFolder(parent);
      delete(replaced);
    } catch (IOException e) {
      throw FullDisk.named(target, 0, unfinished, e);
    } finally {
      deleteQuietly(unfinished);
    }
  }

  /// What to add to the message that a directory does not exist: a writer that was killed between
  /// its two renames has left the old one under another name, which the next writer gives back.
  ///
  /// @return the empty string in all other cases
  public static String leftBehind(Path target) {
    Path parent = target.toAbsolutePath().getParent();
    if (parent == null || !Files.isDirectory(parent) || target.getFileName() == null) {
      return "";
    }
    try (Stream<Path> siblings = Files.list(parent)) {
      return siblings
          .filter(sibling -> TemporaryName.isOf(target, sibling, REPLACED, ""))
          .findFirst()
          .map(old ->
              ": a run was killed while it replaced this folder; rename %s to %s"
                  .formatted(old, target))
          .orElse("");
    } catch (IOException e) {
      return "";
    }
  }

  private static void rename(Path unfinished, Path target, Path replaced) throws IOException {
    if (Files.exists(target)) {
      Files.move(target, replaced, StandardCopyOption.ATOMIC_MOVE);
    }
    try {
      Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (Files.exists(replaced)) {
        Files.move(replaced, target, StandardCopyOption.ATOMIC_MOVE);
      }
      throw e;
    }
  }

  /// Deletes a directory and everything in it; an absent one is no error.
  public static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<Path>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.deleteIfExists(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /// [#delete] of what is no longer needed. What cannot be deleted stays, for who clears such
  /// folders next.
  public static void deleteQuietly(Path folder) {
    try {
      delete(folder);
    } catch (IOException e) {
      // See above.
      return;
    }
  }

  /// Nobody else is writing the target, so what has its temporary names was left behind.
  private static void clearLeftovers(Path parent, Path target) throws IOException {
    List<Path> leftovers;
    try (Stream<Path> siblings = Files.list(parent)) {
      leftovers =
          siblings
              .filter(path -> has(target, path, UNFINISHED) || has(target, path, REPLACED))
              .toList();
    }
    for (Path leftover : leftovers) {
      if (has(target, leftover, REPLACED) && !Files.exists(target)) {
        // A run was killed between its two renames: the old directory is restored.
        Files.move(leftover, target, StandardCopyOption.ATOMIC_MOVE);
      } else {
        deleteQuietly(leftover);
      }
    }
  }

  private static boolean has(Path target, Path sibling, String middle) {
    return TemporaryName.isOf(target, sibling, middle, "") || isOfOld(target, sibling, middle);
  }

  /// Earlier versions named temporary directories by the number of their process.
  private static boolean isOfOld(Path target, Path sibling, String middle) {
    String name = String.valueOf(sibling.getFileName());
    String start = "." + target.getFileName() + middle;
    if (!name.startsWith(start) || !name.substring(start.length()).matches("\\d{1,18}")) {
      return false;
    }
    long pid = Long.parseLong(name.substring(start.length()));
    return pid == ProcessHandle.current().pid() || ProcessHandle.of(pid).isEmpty();
  }

  private static void sync(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> tree = Files.walk(folder)) {
      files = tree.toList();
    }
    for (Path file : files) {
      if (Files.isRegularFile(file)) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          channel.force(true);
        }
      } else {
        syncFolder(file);
      }
    }
  }

  /// Makes a rename durable where the operating system can open a folder for that.
  private static void syncFolder(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // Windows has no way to sync a folder; the files themselves are already safe.
      return;
    }
  }
}
