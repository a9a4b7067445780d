package org.embedllm.app.ask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.embedllm.correctness.Question;
import org.embedllm.scoring.PairVerdict;
import org.embedllm.storage.BadInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PairsFileTest {
  private static final String ROW =
      "{\"model_a\":\"b\",\"model_b\":\"a\",\"winner\":\"model_a\",\"consistent\":true,"
          + "\"prompt_id\":\"q\",\"better\":0.5,\"judge\":\"j\",\"judge_cost\":0.25}\n";

  @TempDir Path folder;

  @Test
  void pairs_ofAnEarlierRun_areReadAsTheyWereWritten() throws IOException {
    Path file = folder.resolve("v.jsonl");
    var read =
        new PairsFile.Compared(
            "q", ModelPair.of("a", "b"), Optional.of(new PairVerdict(0, true)), -1, 0.1);
    var unread = new PairsFile.Compared("q", ModelPair.of("a", "c"), Optional.empty(), 0, 0.2);
    try (PairsFile pairs = PairsFile.open(file, "j")) {
      pairs.add(new Question("q", "text", "c"), read);
      pairs.add(new Question("q", "text", "c"), unread);
    }
    try (PairsFile pairs = PairsFile.open(file, "j")) {
      assertThat(pairs.earlier()).containsExactly(read, unread);
      assertThat(pairs.known("q"))
          .containsExactlyInAnyOrder(ModelPair.of("b", "a"), ModelPair.of("c", "a"));
      assertThat(pairs.known("r")).isEmpty();
    }
  }

  @Test
  void pair_inTheOtherOrder_isTheSamePair() throws IOException {
    Path file = Files.writeString(folder.resolve("v.jsonl"), ROW);
    try (PairsFile pairs = PairsFile.open(file, "j")) {
      assertThat(pairs.earlier())
          .containsExactly(
              new PairsFile.Compared(
                  "q", ModelPair.of("a", "b"), Optional.of(new PairVerdict(0, true)), -0.5, 0.25));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"model_a", "model_b", "prompt_id", "consistent", "judge", "winner"})
  void line_withoutAField_isRefusedWithItsNumber(String field) throws IOException {
    String other = ROW + ROW.replace("\"" + field + "\":", "\"x\":");
    Path file = Files.writeString(folder.resolve("v.jsonl"), other);
    assertThatThrownBy(() -> PairsFile.open(file, "j").close())
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith(file + ":2: is no answer that ask wrote");
    assertThat(file).hasContent(other);
  }

  @Test
  void file_ofAnotherJudge_isRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("v.jsonl"), ROW);
    assertThatThrownBy(() -> PairsFile.open(file, "k").close())
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith(file + ": holds verdicts of the judge \"j\"");
    assertThat(file).hasContent(ROW);
  }
}
