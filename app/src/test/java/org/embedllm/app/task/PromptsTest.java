package org.embedllm.app.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.embedllm.storage.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromptsTest {
  @TempDir Path folder;

  private Path file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  @Test
  void text_hasOnePromptALine() throws IOException {
    assertThat(Prompts.read(file("a.txt", "\uFEFFfirst\r\n\n  second \n{not json\n")))
        .containsExactly("first", "second", "{not json");
  }

  @Test
  void jsonLines_areStringsOrObjects() throws IOException {
    assertThat(
            Prompts.read(
                file(
                    "a.jsonl",
                    "{\"prompt\": \"one\\ntwo\"}\n\"three\"\n{\"question\": \"four\"}\n")))
        .containsExactly("one\ntwo", "three", "four");
    assertThatThrownBy(() -> Prompts.read(file("b.jsonl", "\"one\"\n{\"x\": 1}\n")))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("b.jsonl:2: must be a string or an object with \"prompt\"");
    assertThatThrownBy(() -> Prompts.read(file("c.jsonl", "\"one\n")))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("c.jsonl:1: is not valid JSON");
  }

  @Test
  void csv_hasAColumnPrompt() throws IOException {
    Path zipped = folder.resolve("a.csv.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(zipped))) {
      out.write("id,prompt\n1,\"a, \"\"b\"\"\nc\"\n".getBytes(StandardCharsets.UTF_8));
    }
    assertThat(Prompts.read(zipped)).containsExactly("a, \"b\"\nc");
    assertThatThrownBy(() -> Prompts.read(file("b.csv", "id,words\n1,x\n")))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("must have a column prompt or question or text; has id, words");
    assertThat(Prompts.read(file("c.csv", "\uFEFFPrompt\r\nx\r\ny\r\n"))).containsExactly("x", "y");
  }

  @Test
  void prompt_thatIsEmptyInATableOrObject_isRefusedWithItsLine() throws IOException {
    assertThatThrownBy(() -> Prompts.read(file("a.csv", "id,prompt\n1,x\n2,\" \"\n")))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("a.csv:3: the prompt is empty");
    assertThatThrownBy(() -> Prompts.read(file("a.jsonl", "\"x\"\n{\"prompt\": \"\"}\n")))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("a.jsonl:2: the prompt is empty");
  }

  @Test
  void file_withoutPromptsOrUnreadable_isRefused() throws IOException {
    assertThatThrownBy(() -> Prompts.read(file("empty.txt", "\n \n")))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("holds no prompt");
    assertThatThrownBy(() -> Prompts.read(folder))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("is a directory");
    Path latin =
        Files.write(folder.resolve("latin.txt"), new byte[] {'a', '\n', (byte) 0xE9, '\n'});
    Path table =
        Files.write(
            folder.resolve("latin.csv"),
            "prompt\ncaf\u00E9\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> Prompts.read(table))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("latin.csv:2: is not valid UTF-8");
    assertThatThrownBy(() -> Prompts.read(latin))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("not valid UTF-8");
  }

  @Test
  void standardInput_isTextOrObjects() throws IOException {
    assertThat(Prompts.readStandardInput(stream("one\ntwo\n"), List.of()))
        .extracting(Prompt::text)
        .containsExactly("one", "two");
    String objects = "{\"prompt\": \"a\"}\n{\"prompt\": \"b\"}\n";
    assertThat(Prompts.readStandardInput(stream(objects), List.of()))
        .extracting(Prompt::text)
        .containsExactly("a", "b");
    assertThatThrownBy(() -> Prompts.readStandardInput(stream(""), List.of()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("there is no prompt");
  }

  private static ByteArrayInputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }
}
