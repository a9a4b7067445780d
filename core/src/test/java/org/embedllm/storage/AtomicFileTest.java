package org.embedllm.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AtomicFileTest {
  @TempDir Path folder;

  private List<String> names() throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(path -> String.valueOf(path.getFileName())).sorted().toList();
    }
  }

  @Test
  void write_thatFailsHalfway_leavesTheOldFileAndNothingElse() throws IOException {
    Path target = Files.writeString(folder.resolve("a.txt"), "old");
    assertThatThrownBy(() ->
            AtomicFile.writeStream(
                target,
                out -> {
                  out.write("new".getBytes(StandardCharsets.UTF_8));
                  throw new IOException("gone");
                }))
        .hasMessage(target + ": cannot be written: gone");
    assertThat(target).hasContent("old");
    assertThat(names()).containsExactly("a.txt");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-------", "r--r--r--", "rw-rw-r--", "---------"})
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void replacedFile_keepsItsPermissions(String permissions) throws IOException {
    Path target = Files.writeString(folder.resolve("a.txt"), "old");
    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString(permissions));

    AtomicFile.writeStream(
        target,
        out -> {
          assertTemporaryFilesAreTheOwnersAlone();
          out.write('n');
        });
    assertThat(permissions(target)).isEqualTo(permissions);
    AtomicFile.writeNamed(
        target,
        file -> {
          assertTemporaryFilesAreTheOwnersAlone();
          Files.writeString(file, "named");
        });
    assertThat(permissions(target)).isEqualTo(permissions);
    assertThat(names()).containsExactly("a.txt");
  }

  private void assertTemporaryFilesAreTheOwnersAlone() throws IOException {
    for (String name : names()) {
      if (name.startsWith(".")) {
        assertThat(permissions(folder.resolve(name))).isEqualTo("rw-------");
      }
    }
  }

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  @Test
  void place_whereAFileCanBeMade_isTakenAndLeftAsItWas() throws IOException {
    assertThatCode(() -> AtomicFile.requirePlace(folder.resolve("new/deep/a.txt")))
        .doesNotThrowAnyException();
    assertThatCode(() -> AtomicFile.requirePlace(Path.of("a.txt"))).doesNotThrowAnyException();
    assertThat(names()).isEmpty();
  }

  @Test
  void place_whereACommandWasKilledWhileItTried_isCleared() throws IOException {
    int user = System.getProperty("user.name", "").hashCode();
    Files.createFile(folder.resolve(".embedllm-" + Integer.toHexString(user) + ".tmp"));
    AtomicFile.requirePlace(folder.resolve("a.txt"));
    assertThat(names()).isEmpty();
  }

  @Test
  void place_thatIsAFolderOrUnderAFile_isRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "in the way");
    assertThatThrownBy(() -> AtomicFile.requirePlace(folder))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("is a directory");
    assertThatThrownBy(() -> AtomicFile.requirePlace(file.resolve("a.txt")))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("cannot be written: " + file + " is no folder");
  }

  @Test
  void leftoverOfAKilledWriter_isClearedAndThatOfALiveOneIsNot() throws IOException {
    Path target = folder.resolve("a.txt");
    Files.writeString(folder.resolve(".a.txt.0f0e0d0c-0000-4000-8000-000000000000.tmp"), "half");
    Files.writeString(
        folder.resolve(".a.txt.0f0e0d0c-0000-4000-8000-000000000000.tmp.data"), "half");
    AtomicFile.writeStream(
        target,
        out -> {
          out.write('1');
          AtomicFile.writeStream(target, other -> other.write('2'));
        });

    assertThat(target).hasContent("1");
    assertThat(names()).containsExactly("a.txt");
  }

  @Test
  void temporaryFile_isLockedUntilItHasItsName() throws IOException {
    var files = new FaultyFiles(folder, FaultyFiles.Fault.WRITE, Integer.MAX_VALUE);
    List<Boolean> locked = new ArrayList<>();
    files.beforeRename(temporary -> locked.add(isLocked(temporary)));

    AtomicFile.writeStream(files.of(folder.resolve("a.txt")), out -> out.write('n'));

    assertThat(locked).containsExactly(true);
    assertThat(folder.resolve("a.txt")).hasContent("n");
  }

  /// The operating system drops a process's locks on a file as soon as the process closes it.
  @Test
  void fileThatIsWrittenByItsName_keepsTheLockOfItsWriter() throws IOException {
    Path locks = Path.of("/proc/locks");
    assumeTrue(Files.isReadable(locks), "this system does not list its locks");
    Path target = folder.resolve("a.parquet");
    List<String> locked = new ArrayList<>();

    AtomicFile.writeNamed(
        target,
        file -> {
          Files.writeString(file, "whole");
          for (String name : names()) {
            String inode = ":" + Files.getAttribute(folder.resolve(name), "unix:ino") + " ";
            if (Files.readString(locks).contains(inode)) {
              locked.add(name);
            }
          }
        });

    assertThat(locked).singleElement().asString().matches("\\.a\\.parquet\\..*\\.tmp");
    assertThat(target).hasContent("whole");
    assertThat(names()).containsExactly("a.parquet");
  }

  @Test
  void failureOfAFileThatIsWrittenByItsName_leavesNothing() throws IOException {
    Path target = folder.resolve("a.parquet");

    assertThatThrownBy(() ->
            AtomicFile.writeNamed(
                target,
                file -> {
                  Files.writeString(file, "half");
                  throw new IOException("gone");
                }))
        .hasMessage(target + ": cannot be written: gone");

    assertThat(names()).isEmpty();
  }

  private static boolean isLocked(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      return channel.tryLock() == null;
    } catch (OverlappingFileLockException e) {
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void symbolicLink_isFollowed() throws IOException {
    Path real = Files.writeString(folder.resolve("real.txt"), "old");
    Path link = Files.createSymbolicLink(folder.resolve("link.txt"), real.getFileName());

    AtomicFile.writeStream(link, out -> out.write('n'));

    assertThat(link).isSymbolicLink();
    assertThat(real).hasContent("n");
  }

  @Test
  void linkToAFolder_andUp_isBesideWhatTheLinkNames() throws IOException {
    Path inner = Files.createDirectories(folder.resolve("a/b"));
    Files.createSymbolicLink(folder.resolve("l"), inner);

    AtomicFile.writeStream(folder.resolve("l/../q.csv"), out -> out.write('n'));

    assertThat(folder.resolve("a/q.csv")).hasContent("n");
    assertThat(folder.resolve("q.csv")).doesNotExist();
  }

  @Test
  void addingWriter_thatStartsWhileTheLastOneEnds_isNotRefused() throws Exception {
    Path target = Files.createDirectory(folder.resolve("data"));
    PlaceLock ending = PlaceLock.take(target);
    var adding =
        new FutureTask<>(() -> {
          SingleWriter.adding(target).close();
          return "added";
        });
    Thread other = new Thread(adding);
    other.start();
    while (!adding.isDone() && other.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait(); // until it has been refused once
    }
    assertThat(adding.isDone()).isFalse();
    ending.close();
    assertThat(adding.get()).isEqualTo("added");
    assertThat(names()).containsExactly("data");
  }

  /// The real name of a folder is known only when it is there.
  @Test
  void singleWriter_inANewFolderBelowALink_isKnownAgain() throws IOException {
    Path real = Files.createDirectory(folder.resolve("real"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), real);
    Path target = link.resolve("new/deep/m.safetensors");

    try (SingleWriter first = SingleWriter.of(target)) {
      SingleWriter.ofThread(target).close();
      Files.writeString(target, "whole");
      assertThat(first.place()).isEqualTo(real.resolve("new/deep/m.safetensors"));
    }
    assertThat(real.resolve("new/deep/m.safetensors")).hasContent("whole");
  }

  /// Closing a file gives back all locks of its process on it.
  @Test
  void singleWriter_refusedInTheSameProcess_doesNotGiveBackTheLock() throws IOException {
    Path locks = Path.of("/proc/locks");
    assumeTrue(Files.isReadable(locks), "this system does not list its locks");
    Path target = Files.createDirectory(folder.resolve("data"));
    Path file = folder.resolve(".data.lock");
    try (SingleWriter first = SingleWriter.of(target)) {
      assertThatThrownBy(() -> SingleWriter.of(target)).isInstanceOf(BadInputException.class);
      assertThatThrownBy(() -> SingleWriter.adding(target)).isInstanceOf(BadInputException.class);
      assertThat(Files.readString(locks))
          .contains(":" + Files.getAttribute(file, "unix:ino") + " ");
      assertThat(first.place()).isEqualTo(target);
    }
    try (SingleWriter first = SingleWriter.adding(target)) {
      SingleWriter.adding(target).close();
      assertThat(Files.readString(locks))
          .contains(":" + Files.getAttribute(file, "unix:ino") + " ");
      assertThat(first.place()).isEqualTo(target);
    }
    assertThat(names()).containsExactly("data");
  }

  @Test
  void singleWriter_leavesFoldersThatItMade_onlyWhereSomethingIsInThem() throws IOException {
    Path target = folder.resolve("new/deep/m.safetensors");

    assertThatThrownBy(() ->
            SingleWriter.write(
                target,
                () -> {
                  throw new IOException("nothing to write");
                }))
        .hasMessage("nothing to write");
    assertThat(names()).isEmpty();

    SingleWriter.write(target, () -> Files.writeString(target, "whole"));
    assertThat(target).hasContent("whole");
  }

  @Test
  void singleWriter_whileAnotherWrites_isRefused_andFreeAfterwards() throws Exception {
    Path target = folder.resolve("m.safetensors");
    try (ExecutorService other = Executors.newSingleThreadExecutor()) {
      SingleWriter.write(
          target,
          () ->
              assertThat(
                      other.submit(() ->
                          assertThatThrownBy(() -> SingleWriter.write(target, () -> {}))
                              .isInstanceOf(BadInputException.class)
                              .hasMessageContaining("being written by another embedllm")))
                  .succeedsWithin(Duration.ofSeconds(10)));
    }
    SingleWriter.write(target, () -> Files.writeString(target, "whole"));
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(target);
    }
  }

  @Test
  void singleWriter_ofTheThreadThatHasThePlace_writesAndKeepsIt() throws Exception {
    Path target = folder.resolve("m.safetensors");
    try (ExecutorService other = Executors.newSingleThreadExecutor();
        SingleWriter first = SingleWriter.of(target)) {
      SingleWriter.ofThread(target).close();
      Files.writeString(target, "whole");
      // Still taken.
      assertThat(
              other.submit(() ->
                  assertThatThrownBy(() -> SingleWriter.of(target))
                      .isInstanceOf(BadInputException.class)))
          .succeedsWithin(Duration.ofSeconds(10));
      assertThat(first.place()).isEqualTo(target);
    }
    assertThat(names()).containsExactly("m.safetensors");
  }

  @Test
  void addingWriters_areManyAtOnce_andNoneReplacesMeanwhile() throws IOException {
    Path target = Files.createDirectory(folder.resolve("data"));
    SingleWriter first = SingleWriter.adding(target);
    SingleWriter second = SingleWriter.adding(target);
    assertThatThrownBy(() -> SingleWriter.of(target))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("is being written by another embedllm");
    first.close();
    assertThatThrownBy(() -> SingleWriter.of(target)).isInstanceOf(BadInputException.class);
    second.close();
    SingleWriter.write(
        target,
        () ->
            assertThatThrownBy(() -> SingleWriter.adding(target))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("is being replaced by another embedllm; wait for it"));
    assertThat(names()).containsExactly("data");
  }

  @Test
  void device_isWrittenToAndStaysOne() throws IOException {
    Path device = Path.of("/dev/null");
    assumeTrue(Files.exists(device), "there is no /dev/null");

    AtomicFile.writeStream(device, out -> out.write('n'));

    assertThat(Files.readAttributes(device, BasicFileAttributes.class).isOther()).isTrue();
    assertThatThrownBy(() -> AtomicFile.requirePlace(device))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("device or a pipe");
  }

  @Test
  void nameOfTheLongestLength_isWritten() throws IOException {
    Path target = folder.resolve("n".repeat(255));
    AtomicFile.requirePlace(target);

    AtomicFile.writeStream(target, out -> out.write('n'));

    assertThat(target).hasContent("n");
  }

  @Test
  void nameThatIsTooLong_isRefusedBeforeAnyWork() {
    assertThatThrownBy(() -> AtomicFile.requirePlace(folder.resolve("n".repeat(256))))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("name too long");
  }

  @Test
  void fullDisk_isNamedWithTheBytesNeeded() {
    Path target = folder.resolve("a");
    var files = new FaultyFiles(folder, FaultyFiles.Fault.SHORT_WRITE, 0);
    assertThatThrownBy(() ->
            AtomicFile.write(
                files.of(target),
                4_000,
                channel -> {
                  files.free(1_000); // Somebody else has filled the disk.
                  channel.write(ByteBuffer.allocate(1_000));
                  channel.write(ByteBuffer.allocate(3_000));
                }))
        .hasMessage(
            target
                + ": the disk is full: 4,000 bytes are needed, and 1,500 were free; nothing was"
                + " replaced");
    assertThatThrownBy(() -> AtomicFile.write(files.of(target), 4_000, channel -> {}))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("needs about 1 MB, and the disk has 0 MB free");
  }

  @Test
  void moreBytesThanTheDiskHas_areRefused() {
    assertThatThrownBy(() -> AtomicFile.requireSpace(folder.resolve("a"), Long.MAX_VALUE / 2))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("MB free");
  }
}
