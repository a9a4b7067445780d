package org.embedllm.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.embedllm.app.experiment.CommunityFile;
import org.embedllm.app.task.Prompts;
import org.embedllm.facts.FactsFile;
import org.embedllm.facts.OutputsTable;
import org.embedllm.routing.ModelPrices;
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

  /// Rows are read in blocks: the line is the one of the byte all the same.
  @Test
  void byteInALongTable_isRefusedWithItsLine() throws IOException {
    Path file = folder.resolve("long.csv");
    String rows = "m%d,1,2\n".repeat(30_000).formatted(range(30_000));
    Files.write(
        file, ("model,input,output\n" + rows + "é,1,2\n").getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> ModelPrices.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith(file + ":30002: is not valid UTF-8");
  }

  private static Object[] range(int end) {
    return IntStream.range(0, end).boxed().toArray();
  }

  @Test
  void tableWithAByteOrderMark_isReadWithoutIt() throws IOException {
    Path facts = Files.writeString(folder.resolve("bom.csv"), "\uFEFFmodel,family\nm,f\n");
    assertThat(FactsFile.read(facts)).containsOnlyKeys("m");
    Path prices = Files.writeString(folder.resolve("bom2.csv"), "\uFEFFmodel,call\nm,0.5\n");
    assertThat(ModelPrices.read(prices).cost("m", 1, 1)).isEqualTo(0.5);
  }

  @Test
  void textThatIsNotUtf8_isRefusedWithItsLine() throws IOException {
    assertRefused("o.csv", OutputsTable::read, "model_name,output\nm,naïve\n");
    assertRefused(
        "o.jsonl",
        OutputsTable::read,
        "{\"model\": \"m\", \"output\": \"a\"}\n{\"model\": \"m\", \"output\": \"é\"}\n");
    assertRefused("p.csv", Prompts::read, "prompt\nnaïve\n");
    assertRefused("p.txt", Prompts::read, "plain\nnaïve\n");
    assertRefused("p.jsonl", Prompts::read, "\"plain\"\n\"naïve\"\n");
    assertRefused("f.csv", FactsFile::read, "model,family\nm,naïve\n");
    assertRefused("prices.csv", ModelPrices::read, "model,input,output\nnaïve,1,2\n");
    assertRefused("c.txt", CommunityFile::read, "law: court\nmath: naïve\n");
  }
}
