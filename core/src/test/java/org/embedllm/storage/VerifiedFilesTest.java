package org.embedllm.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifiedFilesTest {
  @TempDir private Path folder;

  private Path cache;
  private VerifiedFiles verified;

  @BeforeEach
  void setUp() throws IOException {
    assumeTrue(
        Files.getFileStore(folder).supportsFileAttributeView("posix"),
        "this file system does not say when a file's state changed");
    cache = folder.resolve("cache");
    verified = ofUser();
  }

  /// Of the user's, but for files changed longer ago than a step of the file system's clock.
  private VerifiedFiles ofUser() {
    return new VerifiedFiles(Optional.of(cache.resolve("verified-files")), Duration.ofMillis(50));
  }

  /// Its look, once its last change is long enough ago.
  private String settled(Path file) throws InterruptedException {
    Optional<String> look = verified.look(file);
    for (; look.isEmpty(); look = verified.look(file)) {
      Thread.sleep(20);
    }
    return look.get();
  }

  @Test
  void contains_fileThatWasAdded_knowsItInALaterProcessToo()
      throws IOException, InterruptedException {
    Path file = Files.writeString(folder.resolve("model"), "content");
    var user = VerifiedFiles.ofUser(Map.of(UserCache.VARIABLE, cache.toString()));
    assertThat(user.look(file)).isEmpty(); // Just changed.
    String look = settled(file);
    assertThat(verified.contains(look, "sum")).isFalse();
    verified.add(look, "sum");
    assertThat(ofUser().contains(settled(file), "sum")).isTrue();
    assertThat(user.contains(look, "sum")).isTrue();
    assertThat(ofUser().contains(settled(file), "other sum")).isFalse();
  }

  @Test
  void look_fileAlteredWithItsTimeSetBack_isAnother() throws IOException, InterruptedException {
    FileTime time = FileTime.fromMillis(1_700_000_000_000L);
    Path file = Files.writeString(folder.resolve("model"), "content");
    Files.setLastModifiedTime(file, time);
    String before = settled(file);
    Files.writeString(file, "Content");
    Files.setLastModifiedTime(file, time);
    assertThat(settled(file)).isNotEqualTo(before);
  }

  @Test
  void look_otherFileInItsPlace_isAnother() throws IOException, InterruptedException {
    Path file = Files.writeString(folder.resolve("model"), "content");
    Path other = Files.writeString(folder.resolve("other"), "content");
    String before = settled(file);
    Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
    assertThat(settled(file)).isNotEqualTo(before);
  }

  @Test
  void look_noFile_isEmpty() {
    assertThat(verified.look(folder.resolve("none"))).isEmpty();
  }

  @Test
  void add_manyFiles_keepsTheLastHundred() throws IOException {
    for (int i = 0; i < 130; i++) {
      verified.add("look " + i, "sum");
    }
    assertThat(Files.readAllLines(cache.resolve("verified-files"))).hasSize(100);
    assertThat(verified.contains("look 129", "sum")).isTrue();
    assertThat(verified.contains("look 29", "sum")).isFalse();
  }

  @Test
  void add_cacheThatCannotBeWritten_keepsNothing() throws IOException {
    Files.writeString(cache, "a file where the folder should be");
    verified.add("look", "sum");
    assertThat(verified.contains("look", "sum")).isFalse();
  }

  @Test
  void add_folderInItsPlace_keepsNothing() throws IOException {
    Files.createDirectories(cache.resolve("verified-files"));
    verified.add("look", "sum");
    assertThat(verified.contains("look", "sum")).isFalse();
  }

  @Test
  void none_keepsNothing() throws IOException, InterruptedException {
    Path file = Files.writeString(folder.resolve("model"), "content");
    settled(file);
    assertThat(VerifiedFiles.none().look(file)).isEmpty();
  }
}
