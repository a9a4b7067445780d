package org.embedllm.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        .hasMessage("gone");
    assertThat(target).hasContent("old");
    assertThat(names()).containsExactly("a.txt");
  }

  @Test
  void place_whereAFileCanBeMade_isTakenAndLeftAsItWas() throws IOException {
    assertThatCode(() -> AtomicFile.requirePlace(folder.resolve("new/deep/a.txt")))
        .doesNotThrowAnyException();
    assertThatCode(() -> AtomicFile.requirePlace(Path.of("a.txt"))).doesNotThrowAnyException();
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
}
