package org.embedllm.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.function.IntBinaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Data of unusual shapes: a result, or one sentence and exit status 2.
@Tag("training")
class OddShapesTest {
  private static final int VALUES = 8;

  @TempDir Path folder;

  @Test
  void commands_moreModelsThanQuestions_run() throws IOException {
    assertRun(200, 3, coin(1), false);
  }

  @Test
  void commands_oneModel_run() throws IOException {
    assertRun(1, 40, coin(2), false);
  }

  @Test
  void commands_oneQuestion_run() throws IOException {
    assertRun(5, 1, coin(3), false);
  }

  @Test
  void commands_equalVectors_run() throws IOException {
    assertRun(6, 40, coin(4), true);
  }

  @Test
  void commands_everyAnswerRight_run() throws IOException {
    assertRun(6, 40, (model, question) -> 1, false);
  }

  @Test
  void commands_everyAnswerWrong_run() throws IOException {
    assertRun(6, 40, (model, question) -> 0, false);
  }

  private static IntBinaryOperator coin(long seed) {
    var random = new SplittableRandom(seed);
    return (model, question) -> random.nextInt(2);
  }

  private void assertRun(int models, int questions, IntBinaryOperator score, boolean equal)
      throws IOException {
    StringBuilder table = new StringBuilder("model_name,prompt_id,prompt,category,label\n");
    for (int j = 0; j < questions; j++) {
      for (int i = 0; i < models; i++) {
        table.append(
            "model-%d,%d,question %d,%s,%d%n"
                .formatted(i, j, j, "ab".charAt(j % 2), score.applyAsInt(i, j)));
      }
    }
    Path source = Files.writeString(folder.resolve("answers.csv"), table);
    Path data = folder.resolve("data");
    Path vectors = vectors(questions, equal);
    Path model = folder.resolve("pool.safetensors");
    assertDone(CommandRun.of("import", source, "--to", data));
    assertDone(CommandRun.of("encode", data, "--vectors", vectors));
    assertDone(CommandRun.of("train", data, "--encoder", "file:vectors.npy", "--to", model));
    assertThat(
            CommandRun.of("evaluate", model, data, "--split", "all", "--json")
                .json()
                .path("cells")
                .asInt())
        .isEqualTo(models * questions);
    assertDoneOrRefused(CommandRun.of("evaluate", model, data));
    assertDoneOrRefused(CommandRun.of("similar", model, "model-0"));
    assertDoneOrRefused(CommandRun.of("plan", model, "--budget", 5));
    assertDone(CommandRun.of("models", model));
    assertDone(CommandRun.of("inspect", data, "--suspects"));
  }

  private static void assertDone(CommandRun run) {
    assertThat(run.status()).as(run.err()).isZero();
  }

  private static void assertDoneOrRefused(CommandRun run) {
    assertThat(run.status()).as(run.err()).isIn(0, 2);
    assertThat(run.err()).doesNotContain("Exception").doesNotContain("\tat ");
  }

  /// A row for each question, as NumPy writes it.
  private Path vectors(int questions, boolean equal) throws IOException {
    String header =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }"
            .formatted(questions, VALUES);
    String padded = header + " ".repeat(117 - header.length()) + "\n";
    ByteBuffer bytes =
        ByteBuffer.allocate(10 + padded.length() + 4 * questions * VALUES)
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes
        .put((byte) 0x93)
        .put("NUMPY".getBytes(StandardCharsets.US_ASCII))
        .put((byte) 1)
        .put((byte) 0);
    bytes.putShort((short) padded.length()).put(padded.getBytes(StandardCharsets.US_ASCII));
    var random = new SplittableRandom(5);
    for (int v = 0; v < questions * VALUES; v++) {
      bytes.putFloat(equal ? 1 : (float) random.nextGaussian());
    }
    return Files.write(folder.resolve("vectors.npy"), bytes.array());
  }
}
