package org.embedllm.app;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.embedllm.app.experiment.CommunityFile;
import org.embedllm.app.task.Prompts;
import org.embedllm.facts.OutputsTable;
import org.embedllm.storage.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tables of texts that are not UTF-8.
class MalformedFilesTest {
  @TempDir private Path folder;

  @FunctionalInterface
  private interface Reader {
    Object read(Path file) throws IOException;
  }

  private void assertRefused(String name, Reader reader, String text) throws IOException {
    Path file = Files.write(folder.resolve(name), text.getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> reader.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessage(file + ":2: is not valid UTF-8; convert the file to UTF-8");
  }

  @Test
  void textThatIsNotUtf8_isRefusedWithItsLine() throws IOException {
    assertRefused("o.csv", OutputsTable::read, "model_name,output\nm,naïve\n");
    assertRefused(
        "o.jsonl",
        OutputsTable::read,
        "{\"model\": \"m\", \"output\": \"a\"}\n{\"model\": \"m\", \"output\": \"é\"}\n");
    assertRefused("p.csv", Prompts::read, "prompt\nnaïve\n");
    assertRefused("c.txt", CommunityFile::read, "law: court\nmath: naïve\n");
  }
}
