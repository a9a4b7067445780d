package org.embedllm.app.ask;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.embedllm.app.CommandRun;
import org.embedllm.dataset.Dataset;
import org.embedllm.ingest.DatasetLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// `ask --all`.
@Tag("training")
class AskGatewayTest {
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

  @Test
  void ask_ofEveryModel_makesADataSetAndARouter() throws IOException {
    Path prompts = SkilledServer.prompts(folder.resolve("mine.csv"), 90, true);
    Path configuration = server.gateway(folder.resolve("gateway.yaml"), "");
    Path data = folder.resolve("data");
    Path router = folder.resolve("router.safetensors");
    JsonNode told =
        CommandRun.of(
                "ask",
                "--all",
                configuration,
                "--prompts",
                prompts,
                "--to",
                data,
                "--train",
                router,
                "--json")
            .json();
    assertThat(told.get("answered").asInt()).isEqualTo(5 * 90);
    assertThat(told.get("scored").asInt()).isEqualTo(5 * 90);
    for (JsonNode model : told.get("models")) {
      String name = model.get("model").asString();
      long right =
          java.util.stream.IntStream.range(0, 90).filter(j -> SkilledServer.right(name, j)).count();
      assertThat(model.get("accuracy").asDouble()).as(name).isEqualTo(right / 90.0);
    }

    Dataset made = DatasetLoader.load(data);
    assertThat(made.data().matrix().cellCount()).isEqualTo(5 * 90);
    assertThat(made.references()).hasSize(90);
    assertThat(made.data().callCosts()).containsKeys("adder", "guesser");
    JsonNode routes = CommandRun.of("route", router, "Compute the sum 200 + 411.", "--json").json();
    assertThat(routes.get("route").asString()).isEqualTo("adder");
  }

  @Test
  void ask_ofEveryModel_keepsToTheConcurrencyOfTheCommand() throws IOException {
    Path prompts = SkilledServer.prompts(folder.resolve("mine.csv"), 30, true);
    CommandRun run =
        CommandRun.of(
            "ask",
            "--all",
            server.gateway(folder.resolve("gateway.yaml"), ""),
            "--prompts",
            prompts,
            "--to",
            folder.resolve("data"),
            "--concurrency",
            1);
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(server.mostAtATime(SkilledServer.MODELS.getFirst())).isEqualTo(1);
  }

  private CommandRun asked(Path prompts) throws IOException {
    return CommandRun.of(
        "ask",
        "--all",
        server.gateway(folder.resolve("gateway.yaml"), ""),
        "--prompts",
        prompts,
        "--to",
        folder.resolve("data"));
  }

  @Test
  void ask_besideVotesOfTheUser_leavesThemAlone() throws IOException {
    Path prompts = SkilledServer.prompts(folder.resolve("mine.csv"), 30, true);
    String own = "{\"model_a\":\"a\",\"model_b\":\"b\",\"winner\":\"tie\",\"prompt\":\"p\"}\n";
    Path votes = Files.writeString(folder.resolve("data.votes.jsonl"), own);
    CommandRun run = asked(prompts);
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(votes).hasContent(own);
    assertThat(folder.resolve("data.answers.jsonl")).doesNotExist();
  }

  @Test
  void ask_besideAnswersOfTheUser_isRefusedAndKeepsThem() throws IOException {
    Path prompts = SkilledServer.prompts(folder.resolve("mine.csv"), 30, true);
    String own = "{\"model_name\":\"a\",\"prompt_id\":\"1\",\"prompt\":\"p\",\"score\":1}\n";
    Path answers = Files.writeString(folder.resolve("data.answers.jsonl"), own);
    CommandRun run = asked(prompts);
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("data.answers.jsonl:1: is no answer that ask wrote");
    assertThat(answers).hasContent(own);
    assertThat(server.asked).isEmpty();
  }
}
