package org.embedllm.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.facts.OutputMeans;
import org.embedllm.facts.OutputSimilarity;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Models compared and placed by what they write. Good models of the made pool derive their
/// answers, weak ones apologize.
@Tag("training")
class OutputsCommandsTest {
  private static final List<String> MODELS =
      List.of("alpha", "beta", "gamma", "delta", "epsilon", "zeta");
  private static final int QUESTIONS = 60;

  @TempDir static Path folder;
  private static Path data = Path.of("");
  private static Path pool = Path.of("");

  @BeforeAll
  static void train() throws IOException {
    StringBuilder table = new StringBuilder();
    for (int j = 0; j < QUESTIONS; j++) {
      for (int i = 0; i < MODELS.size(); i++) {
        boolean right = (7 * j + 3 * i) % 10 < (isGood(i) ? 8 : 3);
        table
            .append(
                JsonMapper.shared()
                    .createObjectNode()
                    .put("model_name", MODELS.get(i))
                    .put("prompt", "What is %d plus %d?".formatted(j, 3 * j))
                    .put("benchmark", j % 2 == 0 ? "even" : "odd")
                    .put("score", right ? 1 : 0)
                    .put("output", text(isGood(i), j, i)))
            .append('\n');
      }
    }
    Path answers = Files.writeString(folder.resolve("answers.jsonl"), table);
    data = folder.resolve("data");
    assertThat(CommandRun.of("import", answers, "--keep-outputs", "--to", data).status()).isZero();
    pool = folder.resolve("pool.safetensors");
    assertThat(CommandRun.of("train", data, "--outputs", "--to", pool).status()).isZero();
  }

  /// The first half of the pool is good.
  private static boolean isGood(int model) {
    return model < MODELS.size() / 2;
  }

  private static String text(boolean derives, int j, int i) {
    return derives
        ? "Adding the tens and then the units of %d and %d gives the sum %d, by rule %d."
            .formatted(j, 3 * j, 4 * j, i)
        : "I am sorry, I would rather talk about gardens, cats and holidays, friend %d."
            .formatted(i);
  }

  private static Path outputs(String name, boolean derives) throws IOException {
    StringBuilder table = new StringBuilder("model_name,benchmark,output\n");
    for (int j = 0; j < 50; j++) {
      table.append(
          "%s,%s,\"%s\"%n".formatted(name, j % 2 == 0 ? "even" : "odd", text(derives, j, 9)));
    }
    return Files.writeString(folder.resolve(name + ".csv"), table);
  }

  private static JsonNode accuracy(String name, boolean derives) throws IOException {
    JsonNode added =
        CommandRun.of(
                "add",
                pool,
                "--outputs",
                outputs(name, derives),
                "--to",
                folder.resolve(name + ".safetensors"),
                "--json")
            .json();
    assertThat(added.get("factsExplain").asDouble()).isGreaterThan(0.5);
    JsonNode one = added.get("added").get(0);
    assertThat(one.get("answers").asInt()).isZero();
    return one.get("accuracy");
  }

  @Test
  void similar_byOutputs_namesThoseThatWriteAlike() {
    JsonNode neighbors =
        CommandRun.of("similar", pool, "alpha", "--by", "outputs", "--limit", "2", "--json")
            .json()
            .get("neighbors");
    assertThat(neighbors.valueStream().map(n -> n.get("model").asString()))
        .containsExactlyInAnyOrder("beta", "gamma");
    assertThat(neighbors.get(0).get("distance").asDouble()).isPositive();
  }

  @Test
  void add_afterAdd_keepsWhatModelsWrite() throws IOException {
    Path first = folder.resolve("first.safetensors");
    Path facts = Files.writeString(folder.resolve("facts.csv"), "model,parameters\nsilent,7\n");
    Path second = folder.resolve("second.safetensors");
    Path third = folder.resolve("third.safetensors");
    CommandRun.of("add", pool, "--outputs", outputs("writer", true), "--to", first);
    CommandRun.of("add", first, "--facts", facts, "--to", second);
    CommandRun.of("add", second, "--outputs", outputs("sorry", false), "--to", third);

    JsonNode neighbors =
        CommandRun.of("similar", third, "writer", "--by", "outputs", "--limit", "9", "--json")
            .json()
            .get("neighbors");

    List<String> names = neighbors.findValuesAsString("model");
    assertThat(names.subList(0, 3)).containsExactlyInAnyOrder("alpha", "beta", "gamma");
    assertThat(names).contains("sorry").doesNotContain("silent").hasSize(MODELS.size() + 1);
    FloatMatrix byBenchmark =
        OutputMeans.of(ModelArtifact.open(third).tensors()).orElseThrow().byBenchmark();
    assertThat(byBenchmark.rows()).isEqualTo(MODELS.size() + 3);
    assertThat(byBenchmark.columns()).isEqualTo(2 * 384);
    assertThat(OutputSimilarity.hasTexts(byBenchmark, MODELS.size())).isTrue();
    assertThat(OutputSimilarity.hasTexts(byBenchmark, MODELS.size() + 1)).isFalse();
  }

  @Test
  void add_textsWithoutAnyScore_placesTheModelAmongThoseThatWriteAlike() throws IOException {
    JsonNode good = accuracy("derives", true);
    JsonNode weak = accuracy("apologizes", false);

    assertThat(good.get("predictedAccuracy").asDouble())
        .isGreaterThan(weak.get("predictedAccuracy").asDouble() + 0.2);
    for (JsonNode accuracy : List.of(good, weak)) {
      assertThat(accuracy.get("low").asDouble())
          .isLessThan(accuracy.get("predictedAccuracy").asDouble());
      assertThat(accuracy.get("high").asDouble())
          .isGreaterThan(accuracy.get("predictedAccuracy").asDouble());
    }
    JsonNode forecast =
        CommandRun.of(
                "forecast", folder.resolve("derives.safetensors"), "What is 11 plus 33?", "--json")
            .json();
    assertThat(forecast.get("ranking").findValuesAsString("model")).contains("derives");
  }

  @Test
  void forecast_declined_showsAModelWithoutAnswersAtItsPredictedAccuracy() throws IOException {
    double good = declined("able", true).get("probability").asDouble();
    JsonNode weak = declined("poor", false);

    assertThat(good).isGreaterThan(weak.get("probability").asDouble() + 0.15);
    assertThat(weak.get("low").asDouble()).isLessThan(weak.get("probability").asDouble());
    assertThat(weak.get("high").asDouble()).isGreaterThan(weak.get("probability").asDouble());
  }

  /// The candidate that a model without answers is where the forecaster declines.
  private static JsonNode declined(String name, boolean derives) throws IOException {
    accuracy(name, derives);
    JsonNode forecast =
        CommandRun.of("forecast", folder.resolve(name + ".safetensors"), "x7 q9z", "--json").json();
    assertThat(forecast.get("abstain").asBoolean()).isTrue();
    assertThat(forecast.get("reason").asString()).contains("predicted");
    JsonNode alpha = of(forecast, "alpha");
    assertThat(alpha.get("probability").asDouble()).isGreaterThan(0.6);
    assertThat(alpha.get("low").isNull()).isTrue();
    return of(forecast, name);
  }

  private static JsonNode of(JsonNode forecast, String model) {
    return forecast
        .get("ranking")
        .valueStream()
        .filter(one -> one.get("model").asString().equals(model))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void outputs_ofAPoolThatKeepsNone_areRefusedWithTheRemedy() throws IOException {
    Path plain = folder.resolve("plain.safetensors");
    assertThat(CommandRun.of("train", data, "--to", plain).status()).isZero();

    CommandRun similar = CommandRun.of("similar", plain, "alpha", "--by", "outputs");
    CommandRun added =
        CommandRun.of(
            "add",
            plain,
            "--outputs",
            outputs("late", true),
            "--to",
            folder.resolve("late.safetensors"));

    for (CommandRun refused : List.of(similar, added)) {
      assertThat(refused.status()).isEqualTo(2);
      assertThat(refused.err().strip()).hasLineCount(1).contains("train it with", "--outputs");
    }
  }

  @Test
  void train_outputsOfADatasetWithoutTexts_isRefusedWithTheRemedy() {
    Path bare = folder.resolve("bare");
    CommandRun.of("import", folder.resolve("answers.jsonl"), "--to", bare);

    CommandRun refused =
        CommandRun.of("train", bare, "--outputs", "--to", folder.resolve("no.safetensors"));

    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).contains("import it with --keep-outputs");
    assertThat(folder.resolve("no.safetensors")).doesNotExist();
  }

  @Test
  void rightFrom_aThreshold_countsGradedScoresAsLabels() throws IOException {
    StringBuilder table = new StringBuilder("model_name,prompt,score\n");
    for (int j = 0; j < QUESTIONS; j++) {
      for (int i = 0; i < MODELS.size(); i++) {
        table.append(
            "%s,\"What is %d times %d?\",%s%n"
                .formatted(MODELS.get(i), j, 3 * j, (j + i) % 2 == 0 ? 0.6 : 0.8));
      }
    }
    Path graded = Files.writeString(folder.resolve("graded.csv"), table);
    Path labeled = folder.resolve("labeled.safetensors");

    assertThat(CommandRun.of("train", graded, "--right-from", "0.7", "--to", labeled).status())
        .isZero();

    JsonNode models = CommandRun.of("models", labeled, "--json").json();
    assertThat(models.get(0).get("accuracy").asDouble()).isBetween(0.4, 0.6);
    CommandRun refused =
        CommandRun.of(
            "train", graded, "--right-from", "7", "--to", folder.resolve("no.safetensors"));
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).contains("--right-from must be above 0 and at most 1");
  }
}
