package org.embedllm.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class AtomicDirectoryTest {
  @TempDir Path folder;

  private List<String> names() throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void replacedFolder_keepsItsPermissions() throws IOException {
    Path target = Files.createDirectory(folder.resolve("private"));
    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwx------"));

    AtomicDirectory.write(target, made -> Files.writeString(made.resolve("a"), "new"));

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target)))
        .isEqualTo("rwx------");
    assertThat(target.resolve("a")).hasContent("new");
  }

  @Test
  void content_thatFails_leavesWhatStoodThereAndNothingElse() throws Exception {
    Path target = folder.resolve("d");
    AtomicDirectory.write(target, d -> Files.writeString(d.resolve("f"), "old"));

    assertThatThrownBy(() ->
            AtomicDirectory.write(
                target,
                d -> {
                  Files.writeString(d.resolve("f"), "half");
                  throw new IOException("No space left on device");
                }))
        .hasMessageMatching(
            java.util.regex.Pattern.quote(target.toString())
                + ": the disk is full: more than the [0-9,]+ bytes that were free are needed; nothing was replaced");

    assertThat(target.resolve("f")).hasContent("old");
    assertThat(names()).containsExactly("d");
  }

  @Test
  void secondWrite_replacesTheWholeDirectory() throws Exception {
    Path target = folder.resolve("d");
    AtomicDirectory.write(target, d -> Files.writeString(d.resolve("one"), "1"));
    AtomicDirectory.write(
        target,
        d -> Files.writeString(Files.createDirectories(d.resolve("sub")).resolve("two"), "2"));

    assertThat(target.resolve("one")).doesNotExist();
    assertThat(target.resolve("sub").resolve("two")).hasContent("2");
    assertThat(names()).containsExactly("d");
  }

  @Test
  void writerKilledBetweenItsRenames_isToldToReaders() throws IOException {
    Path target = folder.resolve("d");
    Path old =
        Files.createDirectory(folder.resolve(".d.replaced-0f0e0d0c-0000-4000-8000-000000000000"));

    assertThat(AtomicDirectory.leftBehind(target))
        .contains("a run was killed", "rename %s to %s".formatted(old, target));
    assertThat(AtomicDirectory.leftBehind(folder.resolve("e"))).isEmpty();
  }

  @Test
  void leftoversOfAKilledRun_areCleared() throws Exception {
    // No process has this number: they are far smaller.
    Files.createDirectories(folder.resolve(".d.unfinished-999999999999").resolve("half"));

    AtomicDirectory.write(folder.resolve("d"), d -> Files.writeString(d.resolve("f"), "new"));

    assertThat(names()).containsExactly("d");
  }

  @Test
  void leftoversOfAnotherContainer_areCleared() throws Exception {
    String killed = ".d.unfinished-0f0e0d0c-0000-4000-8000-000000000000";
    Files.createDirectories(folder.resolve(killed).resolve("half"));
    Files.createDirectories(folder.resolve(".dd.unfinished-1"));

    AtomicDirectory.write(folder.resolve("d"), d -> Files.writeString(d.resolve("f"), "new"));

    assertThat(names()).containsExactly(".dd.unfinished-1", "d");
  }

  @Test
  void secondWriter_whileTheFirstWrites_isRefused() throws Exception {
    Path target = folder.resolve("d");
    AtomicDirectory.write(
        target,
        d -> {
          Files.writeString(d.resolve("f"), "first");
          assertThatThrownBy(() -> AtomicDirectory.write(target, other -> {}))
              .isInstanceOf(BadInputException.class)
              .hasMessageContaining("is being written by another embedllm");
        });

    assertThat(target.resolve("f")).hasContent("first");
    assertThat(names()).containsExactly("d");
  }

  @Test
  void symbolicLink_isFollowed() throws Exception {
    Path real = Files.createDirectories(folder.resolve("disk/data"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), real);

    AtomicDirectory.write(link, d -> Files.writeString(d.resolve("f"), "new"));

    assertThat(link).isSymbolicLink();
    assertThat(real.resolve("f")).hasContent("new");
  }

  @Test
  void directoryOfARunKilledBetweenItsRenames_comesBackWhenTheNextOneFails() throws Exception {
    Path moved = Files.createDirectories(folder.resolve(".d.replaced-999999999999"));
    Files.writeString(moved.resolve("f"), "old");

    assertThatThrownBy(() ->
            AtomicDirectory.write(
                folder.resolve("d"),
                d -> {
                  throw new IOException("no");
                }))
        .hasMessage("no");

    assertThat(folder.resolve("d").resolve("f")).hasContent("old");
  }

  @Test
  void file_writtenAtomically_isReadableLikeAnyOther() throws Exception {
    Path plain = Files.writeString(folder.resolve("plain"), "x");
    AtomicFile.writeStream(folder.resolve("atomic"), out -> out.write('x'));

    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("atomic"))))
        .isEqualTo(PosixFilePermissions.toString(Files.getPosixFilePermissions(plain)));
    assertThat(folder.resolve("atomic")).hasContent("x");
  }

  @Test
  void file_whoseContentFails_keepsTheOldOne() throws Exception {
    Path target = Files.writeString(folder.resolve("f"), "old");

    assertThatThrownBy(() ->
            AtomicFile.writeStream(
                target,
                out -> {
                  out.write("half".getBytes(java.nio.charset.StandardCharsets.UTF_8));
                  throw new IOException("full");
                }))
        .hasMessage(target + ": cannot be written: full");

    assertThat(target).hasContent("old");
    assertThat(names()).containsExactly("f");
  }
}
