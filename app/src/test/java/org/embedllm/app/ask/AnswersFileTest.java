package org.embedllm.app.ask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import org.embedllm.correctness.Question;
import org.embedllm.correctness.Reference;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.FaultyFiles;
import org.embedllm.storage.FaultyFiles.Fault;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AnswersFileTest {
  @TempDir Path folder;

  private static AskedAnswer answer(int number) {
    return new AskedAnswer(
        "m",
        new AskedQuestion(new Question("q" + number, "text", "b"), Reference.NONE),
        new ChatClient.Answer("says " + number, 1, 1, 0.1, 1, false),
        AnswerScoring.Scored.free(OptionalDouble.of(1)),
        "scorer");
  }

  /// One operation fails, each one in turn: the answers before it stay, and those after it are
  /// whole lines too.
  @ParameterizedTest
  @EnumSource(names = {"WRITE", "SHORT_WRITE"})
  void answers_afterEveryFault_areWholeLines(Fault fault) throws IOException {
    Path file = folder.resolve("answers.jsonl");
    int refused = 0;
    for (int good = 0; good < 20; good++) {
      try (AnswersFile answers = AnswersFile.open(file)) {
        answers.add(answer(0));
      }
      FaultyFiles files = new FaultyFiles(folder, fault, good);
      int kept = 1;
      boolean opened = false;
      try (AnswersFile answers = AnswersFile.open(files.of(file))) {
        opened = true;
        for (int number = 1; number < 4; number++) {
          try {
            answers.add(answer(number));
            kept++;
          } catch (UncheckedIOException e) {
            refused++;
            assertThat(e).hasMessageContaining(file.toString());
          }
        }
      } catch (IOException e) {
        assertThat(opened).isFalse();
        assertThat(e).hasMessageContaining("answers.jsonl");
      }
      try (AnswersFile answers = AnswersFile.open(file)) {
        assertThat(answers.earlier("m")).as("%s after %d", fault, good).hasSize(kept);
      }
      assertThat(Files.readString(file).lines())
          .hasSize(kept)
          .allSatisfy(line -> assertThat(line).startsWith("{\"model_name\":\"m\"").endsWith("}"));
      Files.delete(file);
      if (!files.failed()) {
        assertThat(refused).isPositive();
        return;
      }
    }
    throw new AssertionError("too many operations");
  }

  @Test
  void fileOfBytesThatAreNotUtf8_isRefusedWithItsLine() throws IOException {
    Path file = folder.resolve("answers.jsonl");
    try (AnswersFile answers = AnswersFile.open(file)) {
      answers.add(answer(0));
    }
    byte[] row = Files.readAllBytes(file);
    row[row.length - 4] = (byte) 0xE9;
    Files.write(file, row);
    assertThatThrownBy(() -> AnswersFile.open(file).close())
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith(file + ":1: is no answer that ask wrote");
  }
}
