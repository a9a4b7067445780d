package org.embedllm.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ProcessFolderTest {
  private final String kind = "test-" + UUID.randomUUID();

  @Test
  void folder_untilItIsClosed_isThere() throws IOException {
    ProcessFolder folder = ProcessFolder.make(kind);
    Files.writeString(folder.path().resolve("file"), "x");
    try (ProcessFolder other = ProcessFolder.make(kind)) {
      assertThat(folder.path().resolve("file")).exists();
      assertThat(other.path()).isEmptyDirectory().isNotEqualTo(folder.path());
    }
    folder.close();
    assertThat(named()).isEmpty();
  }

  @Test
  void folder_ofAProcessThatIsGone_isDeletedByTheNext() throws IOException {
    Path left =
        Files.createDirectory(all().resolve(".embedllm-%s-%s".formatted(kind, UUID.randomUUID())));
    Files.writeString(left.resolve("file"), "x");
    try (ProcessFolder folder = ProcessFolder.make(kind)) {
      assertThat(left).doesNotExist();
      assertThat(folder.path()).exists();
    }
    assertThat(named()).isEmpty();
  }

  private static Path all() {
    return Path.of(System.getProperty("java.io.tmpdir"));
  }

  /// Folders and locks of this test.
  private java.util.List<Path> named() throws IOException {
    try (java.util.stream.Stream<Path> entries = Files.list(all())) {
      return entries.filter(path -> path.toString().contains(kind)).toList();
    }
  }
}
