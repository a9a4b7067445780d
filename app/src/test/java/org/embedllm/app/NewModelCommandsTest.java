package org.embedllm.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.onnx.Encoders;
import org.embedllm.question.TextFeatureSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// `plan` and `add` on simulated answers, as somebody with a new model would give them.
@Tag("training")
class NewModelCommandsTest {
  @TempDir static Path folder;
  private static Path model = Path.of("");

  @BeforeAll
  static void train() throws IOException {
    Path tables = SimulatedAnswers.write(folder.resolve("tables"), false);
    model = folder.resolve("pool.safetensors");
    assertThat(CommandRun.of("train", tables, "--to", model).status()).isZero();
  }

  @Test
  void train_byDefault_appendsTextFeaturesToTheEncodersVectors() throws IOException {
    ModelArtifact artifact = ModelArtifact.open(model);
    assertThat(artifact.encoder().sentenceEncoder()).isEqualTo(Encoders.DEFAULT);
    assertThat(artifact.encoder().textFeatures()).isEqualTo(TextFeatureSet.SURFACE_AND_CONTENT);
    assertThat(artifact.factorization().features().inputDimension())
        .isEqualTo(artifact.encoder().dimension());

    Path plain = folder.resolve("plain.safetensors");
    CommandRun trained =
        CommandRun.of(
            "train", folder.resolve("tables"), "--to", plain, "--no-text-features", "--verbose");
    assertThat(trained.status()).isZero();
    assertThat(trained.out()).contains("kernel factorization of ", " landmarks, γ ", ", λ ");
    assertThat(ModelArtifact.open(plain).encoder().name()).isEqualTo(Encoders.DEFAULT);
  }

  @Test
  void route_withTextFeatures_takesAPromptAndAnEvaluation() throws IOException {
    assertThat(CommandRun.of("route", model, "Compute the sum 9 + 4.", "--json").status()).isZero();
    JsonNode evaluation =
        CommandRun.of("evaluate", model, folder.resolve("tables"), "--json").json();
    assertThat(ContractKeys.missing("evaluate", evaluation)).isEmpty();
  }

  /// Asks what `plan` names and answers everything rightly.
  private static Path answers(String name, JsonNode questions, String column) throws IOException {
    StringBuilder table = new StringBuilder("model_name," + column + ",label\n");
    for (JsonNode question : questions) {
      String value =
          question
              .get(column.equals("prompt_id") ? "id" : "prompt")
              .asString()
              .replace("\"", "\"\"");
      table.append("lab/newcomer,\"").append(value).append("\",1\n");
    }
    return Files.writeString(folder.resolve(name), table);
  }

  @Test
  void plannedQuestions_answeredByIdOrByText_placeTheNewModelAlike() throws IOException {
    JsonNode plan = CommandRun.of("plan", model, "--budget", 12, "--json").json();
    assertThat(ContractKeys.missing("plan", plan)).isEmpty();
    assertThat(plan.get("questions").size()).isEqualTo(12);

    Path byId = answers("by-id.csv", plan.get("questions"), "prompt_id");
    Path byText = answers("by-text.csv", plan.get("questions"), "prompt");
    Path first = folder.resolve("with-id.safetensors");
    Path second = folder.resolve("with-text.safetensors");
    JsonNode added = CommandRun.of("add", model, byId, "--to", first, "--json").json();
    assertThat(ContractKeys.missing("add", added)).isEmpty();
    JsonNode one = added.get("added").get(0);
    assertThat(one.get("model").asString()).isEqualTo("lab/newcomer");
    assertThat(one.get("answers").asInt()).isEqualTo(12);
    assertThat(one.get("knownAnswers").asInt()).isEqualTo(12);
    assertThat(CommandRun.of("add", model, byText, "--to", second).status()).isZero();

    assertThat(Files.readAllBytes(first)).isEqualTo(Files.readAllBytes(second));
    assertThat(CommandRun.of("models", first).out()).contains("lab/newcomer");
    assertThat(CommandRun.of("similar", first, "lab/newcomer").status()).isZero();

    JsonNode next = CommandRun.of("plan", model, "--budget", 3, "--answers", byId, "--json").json();
    for (JsonNode question : next.get("questions")) {
      assertThat(plan.get("questions").findValuesAsString("id"))
          .doesNotContain(question.get("id").asString());
    }
    assertThat(next.get("halfWidth").asDouble()).isLessThan(plan.get("halfWidth").asDouble());
  }

  @Test
  void plan_withoutKeptQuestions_saysWhy_andTakesThemFromTheDataSet() throws IOException {
    Path tables = folder.resolve("tables");
    Path lean = folder.resolve("lean.safetensors");
    assertThat(CommandRun.of("train", tables, "--to", lean, "--no-questions").status()).isZero();
    CommandRun without = CommandRun.of("plan", lean, "--budget", 5, "--json");
    assertThat(without.status()).isZero();
    assertThat(without.json().get("questions").isNull()).isTrue();
    assertThat(without.json().get("reason").asString()).contains("--no-questions", "--dataset");
    assertThat(
            CommandRun.of("similar", lean, "lab/adder", "--json")
                .json()
                .get("sharedCellsReason")
                .asString())
        .contains("--no-questions");

    JsonNode kept = CommandRun.of("plan", model, "--budget", 5, "--json").json();
    JsonNode again =
        CommandRun.of("plan", lean, "--budget", 5, "--dataset", tables, "--json").json();
    assertThat(again).isEqualTo(kept);

    Path answers = answers("lean.csv", kept.get("questions"), "prompt_id");
    Path grown = folder.resolve("lean-grown.safetensors");
    CommandRun refused = CommandRun.of("add", lean, answers, "--to", grown);
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).contains("--dataset").hasLineCount(1);
    assertThat(CommandRun.of("add", lean, answers, "--to", grown, "--dataset", tables).status())
        .isZero();
    Path full = folder.resolve("full-grown.safetensors");
    assertThat(CommandRun.of("add", model, answers, "--to", full).status()).isZero();
    assertThat(Files.readAllBytes(grown)).isEqualTo(Files.readAllBytes(full));
  }

  @Test
  void plan_fromAnotherDataSet_isRefused() throws IOException {
    Path lean = folder.resolve("lean-2.safetensors");
    CommandRun.of("train", folder.resolve("tables"), "--to", lean, "--no-questions");
    Path other = SimulatedAnswers.write(folder.resolve("other"), true);
    CommandRun run = CommandRun.of("plan", lean, "--budget", 5, "--dataset", other);
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("is not the data set", "digest").hasLineCount(1);
  }

  @Test
  void plan_ofAModelOfPartOfTheQuestions_findsTheSamePartAgain() throws IOException {
    Path tables = folder.resolve("tables");
    Object[] part = {"--train-questions", 60, "--exclude-benchmark", "geography", "--seed", 3};
    Path kept = folder.resolve("part.safetensors");
    Path lean = folder.resolve("part-lean.safetensors");
    CommandRun.of(words("train", tables, "--to", kept, part));
    CommandRun.of(words("train", tables, "--to", lean, "--no-questions", part));
    assertThat(CommandRun.of("plan", lean, "--budget", 5, "--dataset", tables, "--json").json())
        .isEqualTo(CommandRun.of("plan", kept, "--budget", 5, "--json").json());
  }

  private static Object[] words(Object... parts) {
    return Stream.of(parts)
        .flatMap(part -> part instanceof Object[] several ? Stream.of(several) : Stream.of(part))
        .toArray();
  }

  @Test
  void add_ofANameThatIsThere_isRefusedBeforeAnyWork() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("twice.csv"), "model_name,prompt,label\nlab/adder,Anything?,1\n");
    CommandRun run = CommandRun.of("add", model, file, "--to", folder.resolve("twice.safetensors"));
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("\"lab/adder\" already").hasLineCount(1);
  }

  @Test
  void feedback_allWrong_moveTheModelDown_andReplayToTheSameBytes() throws IOException {
    JsonNode questions = CommandRun.of("plan", model, "--budget", 60, "--json").json();
    StringBuilder log = new StringBuilder("model_name,prompt_id,score\n");
    for (JsonNode question : questions.get("questions")) {
      log.append("lab/adder,").append(question.get("id").asString()).append(",0\n");
    }
    Path outcomes = Files.writeString(folder.resolve("outcomes.csv"), log);
    Path first = folder.resolve("learned.safetensors");
    Path second = folder.resolve("learned-again.safetensors");
    JsonNode learned = CommandRun.of("learn", model, outcomes, "--to", first, "--json").json();
    assertThat(learned.get("learned").size()).isEqualTo(1);
    assertThat(learned.get("learned").get(0).get("outcomes").asInt()).isEqualTo(60);
    assertThat(learned.get("learned").get(0).get("drift").asDouble()).isLessThan(-2);
    assertThat(CommandRun.of("learn", model, outcomes, "--to", second).status()).isZero();
    assertThat(Files.readAllBytes(first)).isEqualTo(Files.readAllBytes(second));

    String prompt = "Compute the sum 2 + 3 × 4.";
    assertThat(probability(first, prompt, "lab/adder"))
        .isLessThan(probability(model, prompt, "lab/adder") - 0.1);
    assertThat(probability(first, prompt, "lab/chemist"))
        .isEqualTo(probability(model, prompt, "lab/chemist"));

    Path strange =
        Files.writeString(
            folder.resolve("strange.csv"), log.toString().replace("lab/adder", "lab/ader"));
    CommandRun refused = CommandRun.of("learn", model, strange, "--to", second);
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).contains("did you mean lab/adder").hasLineCount(1);
  }

  @Test
  void feedback_ofOneQuestionAgainAndAgain_countEachTimeInTheOrderOfTheRows() throws IOException {
    JsonNode question =
        CommandRun.of("plan", model, "--budget", 1, "--json").json().get("questions").get(0);
    String id = question.get("id").asString();
    String header = "model_name,prompt_id,score\n";
    String wrong = ("lab/adder," + id + ",0\n").repeat(40);
    String right = ("lab/adder," + id + ",1\n").repeat(40);
    // Another model stands between: it has no influence on the first one's order of time.
    String other = "lab/chemist," + id + ",1\n";
    Path worse = folder.resolve("worse.safetensors");
    Path better = folder.resolve("better.safetensors");
    JsonNode learned =
        CommandRun.of(
                "learn",
                model,
                Files.writeString(folder.resolve("worse.csv"), header + right + other + wrong),
                "--to",
                worse,
                "--decay",
                "0.9",
                "--json")
            .json();
    assertThat(learned.get("learned").get(0).get("outcomes").asInt()).isEqualTo(80);
    assertThat(learned.get("learned").get(1).get("outcomes").asInt()).isEqualTo(1);
    CommandRun.of(
        "learn",
        model,
        Files.writeString(folder.resolve("better.csv"), header + wrong + right),
        "--to",
        better,
        "--decay",
        "0.9");
    String prompt = question.get("prompt").asString();
    assertThat(probability(worse, prompt, "lab/adder"))
        .isLessThan(probability(better, prompt, "lab/adder") - 0.2);
  }

  private static double probability(Path file, String prompt, String name) {
    for (JsonNode one : CommandRun.of("forecast", file, prompt, "--json").json().get("ranking")) {
      if (one.get("model").asString().equals(name)) {
        return one.get("probability").asDouble();
      }
    }
    return Double.NaN;
  }

  @Test
  void answersToUnknownIds_withoutText_areRefusedWithARemedy() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("unknown.csv"), "model_name,prompt_id,label\nlab/x,no-such-id,1\n");
    Path target = folder.resolve("never.safetensors");
    CommandRun run = CommandRun.of("add", model, file, "--to", target);
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("no-such-id").contains("add a column prompt");
    assertThat(target).doesNotExist();
  }
}
