package org.embedllm.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.function.IntBinaryOperator;
import java.util.zip.GZIPInputStream;
import org.embedllm.app.experiment.run.ExperimentName;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Data of unusual shapes: a result, or one sentence and exit status 2.
@Tag("training")
class OddShapesTest {
  private static final Path CASES = Path.of("../../shared/cases");
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

  @Test
  @Tag("slow")
  void commands_tenThousandModelsAndTwentyQuestions_run() throws IOException {
    assertRun(10_000, 20, coin(6), false);
  }

  @Test
  void train_withoutValidationQuestions_runs() throws IOException {
    Path source = Files.writeString(folder.resolve("answers.csv"), table(4, 30, coin(7)));
    Path data = folder.resolve("data");
    assertDone(CommandRun.of("import", source, "--split", "90/0/10", "--to", data));
    assertDone(CommandRun.of("encode", data, "--vectors", vectors(30, false)));
    Path model = folder.resolve("pool.safetensors");
    assertDone(CommandRun.of("train", data, "--encoder", "file:vectors.npy", "--to", model));
    assertDone(CommandRun.of("evaluate", model, data));
  }

  /// 200 models, three questions, found as a fault once.
  @Test
  void commands_threeQuestionsOfTheCases_run() throws IOException {
    Path source = caseFile("brk-three-questions/three.csv");
    Path data = folder.resolve("data");
    Path model = folder.resolve("pool.safetensors");
    assertDone(CommandRun.of("import", source, "--to", data));
    assertDone(CommandRun.of("train", data, "--to", model));
    assertDoneOrRefused(CommandRun.of("evaluate", model, data, "--split", "all", "--json"));
  }

  /// Random labels of identical models: the fit must not predict the opposite of its own answers.
  @Test
  void train_noSignalOfTheCases_isNotInverted() throws IOException {
    Path source = caseFile("brk-nosignal-inverted/id600_3.csv");
    Path vectors = folder.resolve("vectors.npy");
    try (InputStream packed =
        new GZIPInputStream(
            Files.newInputStream(caseFile("brk-nosignal-inverted/id600_3.npy.gz")))) {
      Files.copy(packed, vectors);
    }
    Path data = folder.resolve("data");
    Path model = folder.resolve("pool.safetensors");
    assertDone(CommandRun.of("import", source, "--to", data));
    assertDone(CommandRun.of("encode", data, "--vectors", vectors));
    for (int seed = 0; seed < 4; seed++) {
      assertDone(
          CommandRun.of(
              "train", data, "--encoder", "file:vectors.npy", "--seed", seed, "--to", model));
      JsonNode forecast =
          CommandRun.of("evaluate", model, data, "--split", "train", "--no-as-asked", "--json")
              .json()
              .path("forecast");
      double majority = forecast.path("baselines").path("majorityPerModel").asDouble();
      assertThat(forecast.path("auc").asDouble()).isGreaterThanOrEqualTo(0.49);
      assertThat(forecast.path("accuracy").asDouble()).isGreaterThanOrEqualTo(majority - 0.005);
    }
  }

  /// What takes a while: the page as files, and every experiment.
  @Test
  @Tag("slow")
  void pageAndExperiments_ofUnusualShapes_runOrSayWhyNot() throws IOException {
    int[][] shapes = {{200, 3}, {1, 40}, {5, 1}, {6, 40}, {4, 60}};
    for (int[] shape : shapes) {
      Path source =
          Files.writeString(
              folder.resolve("shape.csv"), table(shape[0], shape[1], coin(shape[0] + shape[1])));
      Path data = folder.resolve("shape-" + shape[0]);
      Path model = folder.resolve("shape-" + shape[0] + ".safetensors");
      assertDone(CommandRun.of("import", source, "--to", data));
      assertDone(CommandRun.of("train", data, "--encoder", "text-features", "--to", model));
      Path site = folder.resolve("site-" + shape[0]);
      assertDone(CommandRun.of("explore", model, "--dataset", data, "--export", site));
      for (ExperimentName experiment : ExperimentName.values()) {
        Path report = folder.resolve(experiment.label() + shape[0]);
        assertDoneOrRefused(
            CommandRun.of(
                "experiment",
                experiment.label(),
                data,
                "--encoder",
                "text-features",
                "--seeds",
                1,
                "--to",
                report));
      }
    }
  }

  private static Path caseFile(String name) {
    Path file = CASES.resolve(name);
    Assumptions.assumeTrue(
        Files.exists(file), "the folder shared/cases beside the project is not here");
    return file;
  }

  private static IntBinaryOperator coin(long seed) {
    var random = new SplittableRandom(seed);
    return (model, question) -> random.nextInt(2);
  }

  private void assertRun(int models, int questions, IntBinaryOperator score, boolean equal)
      throws IOException {
    Path source = Files.writeString(folder.resolve("answers.csv"), table(models, questions, score));
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

  private static String table(int models, int questions, IntBinaryOperator score) {
    StringBuilder table = new StringBuilder("model_name,prompt_id,prompt,category,label\n");
    for (int j = 0; j < questions; j++) {
      for (int i = 0; i < models; i++) {
        table.append(
            "model-%d,%d,question %d,%s,%d%n"
                .formatted(i, j, j, "ab".charAt(j % 2), score.applyAsInt(i, j)));
      }
    }
    return table.toString();
  }

  private static void assertDone(CommandRun run) {
    assertThat(run.status()).as(run.err()).isZero();
  }

  private static void assertDoneOrRefused(CommandRun run) {
    assertThat(run.status()).as(run.err()).isIn(0, 2);
    assertThat(run.err()).doesNotContain("Exception").doesNotContain("\tat ");
    if (run.status() != 0) {
      assertThat(run.err()).doesNotContain("failed:", "no observed answer");
    }
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
