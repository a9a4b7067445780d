package org.embedllm.app.ask;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.embedllm.app.CommandRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// `ask --scorer judge`.
@Tag("server")
class AskJudgeTest {
  @TempDir Path folder;
  private SkilledServer server;

  @BeforeEach
  void serve() throws IOException {
    server = new SkilledServer(60);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private CommandRun judged(Path to, String judge, Object... more) throws IOException {
    Path prompts = SkilledServer.prompts(folder.resolve("known.csv"), 40, true);
    List<Object> words = new ArrayList<>(List.of("ask", "--prompts", prompts, "--to", to));
    words.addAll(List.of("--upstream", server.url(), "--name", "adder", "--scorer", "judge"));
    words.addAll(List.of("--judge", server.url(), "--judge-name", judge));
    words.addAll(List.of(more));
    return CommandRun.of(words.toArray());
  }

  @Test
  void ask_withAJudge_showsHowFarItCanBeBelieved() throws IOException {
    Path answers = folder.resolve("a.jsonl");
    JsonNode told = judged(answers, "judge", "--json").json();
    assertThat(told.get("scored").asInt()).isEqualTo(40);
    int compared = told.get("judge").get("answers").asInt();
    assertThat(compared).isGreaterThanOrEqualTo(30);
    assertThat(told.get("judge").get("agreement").asDouble()).isGreaterThan(0.9);

    int calls = server.judged.get();
    JsonNode again = judged(answers, "judge", "--json").json();
    assertThat(again.get("judge")).as("what the first run has found").isEqualTo(told.get("judge"));
    assertThat(server.judged.get()).isEqualTo(calls);
  }

  @Test
  void ask_againAfterAJudgeThatCannotBeBelieved_isRefused() throws IOException {
    Path answers = folder.resolve("a.jsonl");
    CommandRun first = judged(answers, "judge-guesser");
    assertThat(first.status()).isEqualTo(2);
    assertThat(first.err()).contains("cannot be believed");
    String kept = Files.readString(answers);
    CommandRun again = judged(answers, "judge-guesser");
    assertThat(again.status()).isEqualTo(2);
    assertThat(again.err()).contains("cannot be believed");
    CommandRun other = judged(answers, "judge");
    assertThat(other.status()).isEqualTo(2);
    assertThat(other.err()).contains("a.jsonl: holds scores of the judge \"judge-guesser\"");
    assertThat(answers).hasContent(kept);
  }

  @Test
  void ask_ofPromptsWithoutRightAnswers_needsAJudge() throws IOException {
    Path prompts = SkilledServer.prompts(folder.resolve("mine.csv"), 12, false);
    Path to = folder.resolve("a.jsonl");
    Object[] asked = {
      "ask", "--prompts", prompts, "--upstream", server.url(), "--name", "adder", "--to", to
    };
    CommandRun without = CommandRun.of(asked);
    assertThat(without.status()).isEqualTo(2);
    assertThat(without.err()).contains("mine.csv", "--scorer judge");

    CommandRun judged =
        CommandRun.of(
            "ask",
            "--prompts",
            prompts,
            "--upstream",
            server.url(),
            "--name",
            "adder",
            "--to",
            to,
            "--scorer",
            "judge",
            "--judge",
            server.url(),
            "--judge-name",
            "judge");
    assertThat(judged.status()).isZero();
    assertThat(judged.err()).contains("was not measured");
    assertThat(judged.out()).contains("12 scored");
  }
}
