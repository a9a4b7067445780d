package org.embedllm.app.ask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.embedllm.app.CommandRun;
import org.embedllm.dataset.Dataset;
import org.embedllm.ingest.DatasetLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// `ask --all --pairs`.
@Tag("training")
class AskPairsTest {
  @TempDir Path folder;
  private SkilledServer server;

  @BeforeEach
  void serve() throws IOException {
    server = new SkilledServer(150);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Path gateway(String more) throws IOException {
    return server.gateway(folder.resolve("gateway.yaml"), more);
  }

  private CommandRun pairs(Path configuration, Path prompts, String judge, Object... more) {
    List<Object> words =
        new ArrayList<>(List.of("ask", "--all", configuration, "--prompts", prompts, "--pairs", 3));
    words.addAll(List.of("--judge", server.url(), "--judge-name", judge));
    words.addAll(List.of("--to", folder.resolve("data"), "--json"));
    words.addAll(List.of(more));
    return CommandRun.of(words.toArray());
  }

  private Path votes() {
    return folder.resolve("data.votes.jsonl");
  }

  @Test
  void ask_forPairs_ofPromptsWithoutRightAnswers_makesARouterOfVotes() throws IOException {
    Path prompts = SkilledServer.prompts(folder.resolve("mine.csv"), 90, false);
    Path router = folder.resolve("router.safetensors");
    JsonNode told =
        pairs(
                gateway("  - {model: vectors, url: \"http://127.0.0.1:9/v1\", api: embeddings}\n"),
                prompts,
                "judge",
                "--train",
                router)
            .json();
    assertThat(told.get("scored").asInt()).isZero();
    JsonNode found = told.get("pairs");
    assertThat(found.get("pairs").asInt()).isEqualTo(3 * 90);
    assertThat(found.get("consistent").asInt()).isEqualTo(3 * 90);
    assertThat(found.get("known").asInt()).isZero();
    Dataset made = DatasetLoader.load(folder.resolve("data"));
    assertThat(made.data().votes()).hasSize(3 * 90);
    assertThat(Files.readAllLines(folder.resolve("data.answers.jsonl")))
        .as("outputs that are paid and in no data set")
        .hasSize(SkilledServer.MODELS.size() * 90);
    assertThat(votes()).doesNotExist();
    for (JsonNode model : found.get("models")) {
      String name = model.get("model").asString();
      if (name.equals("allrounder")) {
        assertThat(model.get("low").asDouble()).as("%s", model).isGreaterThan(0.5);
      }
    }
    CommandRun route = CommandRun.of("route", router, "Compute the sum 200 + 411.", "--json");
    assertThat(route.json().get("quantity").asString()).isEqualTo("preference");
  }

  @Test
  void ask_forPairs_ofPromptsWithRightAnswers_showsHowFarTheJudgeCanBeBelieved()
      throws IOException {
    Path prompts = SkilledServer.prompts(folder.resolve("mine.csv"), 40, true);
    JsonNode told = pairs(gateway(""), prompts, "judge").json();
    assertThat(told.get("scored").asInt()).isEqualTo(SkilledServer.MODELS.size() * 40);
    JsonNode found = told.get("pairs");
    assertThat(found.get("known").asInt()).isGreaterThan(30);
    assertThat(found.get("same").asInt()).isEqualTo(found.get("known").asInt());
    Dataset made = DatasetLoader.load(folder.resolve("data"));
    assertThat(made.data().votes()).hasSize(3 * 40);
    assertThat(made.data().matrix().cellCount()).isEqualTo(SkilledServer.MODELS.size() * 40);
  }

  @Test
  void ask_forPairsOfOneModel_isRefused() throws IOException {
    Path prompts = SkilledServer.prompts(folder.resolve("mine.csv"), 5, true);
    List<Object> words = new ArrayList<>(List.of("ask", "--prompts", prompts, "--pairs", 2));
    words.addAll(List.of("--upstream", server.url(), "--name", "adder"));
    words.addAll(List.of("--judge", server.url(), "--judge-name", "judge"));
    words.addAll(List.of("--to", folder.resolve("a.jsonl")));
    CommandRun run = CommandRun.of(words.toArray());
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("--pairs", "--all");
  }

  /// How often the judge was asked, once it is asked no more: what the command gave up, the server
  /// may still see.
  private int judged() throws InterruptedException {
    int before = -1;
    int now = server.judged.get();
    while (now != before) {
      Thread.sleep(300);
      before = now;
      now = server.judged.get();
    }
    return now;
  }

  @Test
  void ask_againAfterAJudgeThatCannotBeBelieved_isRefusedUntilItsVerdictsAreGone()
      throws IOException, InterruptedException {
    Path prompts = SkilledServer.prompts(folder.resolve("mine.csv"), 40, true);
    CommandRun first = pairs(gateway(""), prompts, "judge-guesser");
    assertThat(first.status()).isEqualTo(2);
    assertThat(first.err())
        .contains("\"judge-guesser\"", "in both orders on 0 of", "cannot be believed")
        .contains("data.votes.jsonl")
        .doesNotContain("0 of 0");
    int asked = server.requests();
    int judged = judged();

    CommandRun again = pairs(gateway(""), prompts, "judge-guesser");
    assertThat(again.status()).isEqualTo(2);
    assertThat(again.err()).contains("cannot be believed");
    CommandRun other = pairs(gateway(""), prompts, "judge");
    assertThat(other.status()).isEqualTo(2);
    assertThat(other.err()).contains("data.votes.jsonl", "of the judge \"judge-guesser\"");
    assertThat(server.requests()).as("answers are kept").isEqualTo(asked);
    assertThat(server.judged.get()).isEqualTo(judged);
    assertThat(folder.resolve("data")).doesNotExist();

    Files.delete(votes());
    JsonNode told = pairs(gateway(""), prompts, "judge").json();
    assertThat(told.get("pairs").get("consistent").asInt()).isEqualTo(3 * 40);
    assertThat(server.requests()).isEqualTo(asked);
  }

  @Test
  void ask_forPairs_besideVotesOfTheUser_isRefusedAndAsksNothing() throws IOException {
    Path prompts = SkilledServer.prompts(folder.resolve("mine.csv"), 10, false);
    String own = "{\"model_a\":\"a\",\"model_b\":\"b\",\"winner\":\"tie\",\"prompt\":\"p\"}\n";
    Files.writeString(votes(), own);
    CommandRun run = pairs(gateway(""), prompts, "judge");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("data.votes.jsonl:1: is no answer that ask wrote");
    assertThat(votes()).hasContent(own);
    assertThat(server.asked).isEmpty();
  }

  @Test
  void ask_forPairs_withAJudgeThatCannotBeRead_paysItOnce() throws IOException {
    server.judgeUsd = 0.001;
    Path open = SkilledServer.prompts(folder.resolve("open.csv"), 10, false);
    CommandRun refused = pairs(gateway(""), open, "judge-mumbler");
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err())
        .contains("no verdict of the judge \"judge-mumbler\"", "on 30 pairs")
        .doesNotContain("--scorer");
    assertThat(server.judged.get()).isEqualTo(30);
    assertThat(pairs(gateway(""), open, "judge-mumbler").status()).isEqualTo(2);
    assertThat(server.judged.get()).as("verdicts that were paid already").isEqualTo(30);
    assertThat(server.requests()).isEqualTo(SkilledServer.MODELS.size() * 10);
  }

  @Test
  void ask_forPairs_withAJudgeThatRefuses_saysWhatItsServerSaid() throws IOException {
    Path open = SkilledServer.prompts(folder.resolve("open.csv"), 10, false);
    CommandRun refused = pairs(gateway(""), open, "judge-refuser");
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).contains("\"judge-refuser\" refused 30 pairs", "too long");
    assertThat(folder.resolve("data.answers.jsonl")).isNotEmptyFile();
  }

  @Test
  void ask_forPairs_ofScoredAnswersWithoutAVerdict_leavesNoFile() throws IOException {
    Path prompts = SkilledServer.prompts(folder.resolve("mine.csv"), 10, true);
    JsonNode told = pairs(gateway(""), prompts, "judge-mumbler").json();
    assertThat(told.at("/pairs/unread").asInt()).isEqualTo(30);
    assertThat(votes()).doesNotExist();
  }

  @Test
  void ask_forPairs_withSomeVerdictsThatCannotBeRead_countsTheirCost() throws IOException {
    server.judgeUsd = 0.001;
    server.judgeMumbles = true;
    Path prompts = SkilledServer.prompts(folder.resolve("mine.csv"), 30, true);
    JsonNode told = pairs(gateway(""), prompts, "judge").json();
    JsonNode found = told.get("pairs");
    int unread = found.get("unread").asInt();
    assertThat(unread).isBetween(1, 60);
    assertThat(found.get("pairs").asInt()).isEqualTo(3 * 30 - unread);
    assertThat(DatasetLoader.load(folder.resolve("data")).data().votes()).hasSize(3 * 30 - unread);
    assertThat(found.get("usd").asDouble()).isCloseTo(0.001 * server.judged.get(), within(1e-9));
    double models = 0;
    for (JsonNode model : told.get("models")) {
      models += model.get("usd").asDouble();
    }
    assertThat(models).isPositive();
    assertThat(told.get("usd").asDouble())
        .isCloseTo(models + found.get("usd").asDouble(), within(1e-9));
  }

  @Test
  void ask_forPairs_withACostLimit_boundsTheJudge() throws IOException {
    server.judgeUsd = 0.1; // for each of the two orders
    Path prompts = SkilledServer.prompts(folder.resolve("mine.csv"), 10, true);
    CommandRun unpriced = pairs(gateway(""), prompts, "judge", "--max-usd", 1);
    assertThat(unpriced.status()).isEqualTo(2);
    assertThat(unpriced.err()).contains("price of the judge \"judge\"", "--prices");
    assertThat(server.asked).isEmpty();

    // The first comparison is expected to cost two dollars.
    Path prices =
        Files.writeString(folder.resolve("p.csv"), "model,input,output,call\njudge,0,1000,0\n");
    JsonNode none = pairs(gateway(""), prompts, "judge", "--prices", prices, "--max-usd", 1).json();
    assertThat(none.get("pairs").get("pairs").asInt()).isZero();
    assertThat(server.judged.get()).isZero();

    JsonNode some =
        pairs(gateway(""), prompts, "judge", "--prices", prices, "--max-usd", 2.5, "--force")
            .json();
    assertThat(some.get("pairs").get("pairs").asInt()).isBetween(1, 12);
    assertThat(some.get("usd").asDouble()).isLessThanOrEqualTo(2.5);
    assertThat(server.judged.get()).isEqualTo(2 * some.get("pairs").get("pairs").asInt());
  }
}
