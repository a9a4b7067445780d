package org.embedllm.app.ask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import org.embedllm.app.CommandRun;
import org.embedllm.app.ContractKeys;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.storage.SingleWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@Tag("training")
class AskCommandTest {
  private static final int QUESTIONS = 150;

  @TempDir static Path shared;
  @TempDir Path folder;
  private static Path pool = Path.of("");
  private SkilledServer server;

  @BeforeAll
  static void train() throws IOException {
    Path table =
        SkilledServer.table(shared.resolve("answers.csv"), QUESTIONS, SkilledServer.MODELS);
    Path data = shared.resolve("data");
    pool = shared.resolve("pool.safetensors");
    assertThat(CommandRun.of("import", table, "--to", data).status()).isZero();
    assertThat(CommandRun.of("train", data, "--to", pool).status()).isZero();
  }

  @BeforeEach
  void serve() throws IOException {
    server = new SkilledServer(QUESTIONS);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private CommandRun ask(Path to, Object... more) {
    Object[] words = new Object[more.length + 8];
    Object[] first = {"ask", pool, "--upstream", server.url(), "--name", "expert", "--to", to};
    System.arraycopy(first, 0, words, 0, first.length);
    System.arraycopy(more, 0, words, first.length, more.length);
    return CommandRun.of(words);
  }

  private static double share(String model) throws IOException {
    List<Integer> numbers =
        TrainingQuestions.beside(pool, ModelArtifact.open(pool))
            .orElseThrow()
            .matrix()
            .questions()
            .stream()
            .map(q -> Integer.parseInt(q.id().substring(1)))
            .toList();
    return numbers.stream().filter(j -> SkilledServer.right(model, j)).count()
        / (double) numbers.size();
  }

  @Test
  void training_ofADataSetWithRightAnswers_keepsThemBesideTheModel() throws IOException {
    TrainingQuestions kept = TrainingQuestions.beside(pool, ModelArtifact.open(pool)).orElseThrow();
    assertThat(kept.references()).hasSize(kept.matrix().questionCount());
    int choice = 0;
    for (String id : kept.references().keySet()) {
      int j = Integer.parseInt(id.substring(1));
      assertThat(kept.references().get(id).answer()).isEqualTo(SkilledServer.reference(j));
      choice += kept.references().get(id).options().size() == 4 ? 1 : 0;
    }
    assertThat(choice).isPositive();
  }

  @Test
  void ask_ofANewModel_findsItsAccuracy_andAddsIt() throws IOException {
    Path answers = folder.resolve("answers.jsonl");
    Path grown = folder.resolve("grown.safetensors");
    JsonNode told =
        ask(answers, "--as", "lab/expert", "--budget", 40, "--add-to", grown, "--json").json();

    assertThat(ContractKeys.missing("ask", told)).isEmpty();
    assertThat(told.get("asked").asInt()).isEqualTo(40);
    assertThat(told.get("scored").asInt()).isEqualTo(40);
    assertThat(server.asked).hasSize(40);
    double truth = share("expert");
    assertThat(truth).isBetween(told.get("low").asDouble(), told.get("high").asDouble());
    assertThat(told.get("accuracy").asDouble()).isCloseTo(truth, within(0.12));
    assertThat(CommandRun.of("models", grown).out()).contains("lab/expert");

    JsonNode added =
        CommandRun.of("add", pool, answers, "--to", folder.resolve("same.safetensors"), "--json")
            .json();
    JsonNode same = added.get("added").get(0).get("accuracy");
    assertThat(same.get("predictedAccuracy")).isEqualTo(told.get("accuracy"));
    assertThat(same.get("low")).isEqualTo(told.get("low"));
  }

  @Test
  void ask_again_goesOnWhereItStopped() throws IOException {
    Path answers = folder.resolve("answers.jsonl");
    ask(answers, "--budget", 6);
    CommandRun.narrow(
        "ask",
        pool,
        "--upstream",
        server.url(),
        "--name",
        "expert",
        "--to",
        answers,
        "--budget",
        8);
    Files.writeString(answers, "{\"model_name\":\"expert\",\"promp", StandardOpenOption.APPEND);
    JsonNode told = ask(answers, "--budget", 20, "--json").json();
    assertThat(told.get("asked").asInt()).isEqualTo(20);
    assertThat(told.get("answered").asInt()).isEqualTo(20);
    assertThat(server.asked).hasSize(20);
    assertThat(new HashSet<>(server.asked)).hasSize(20);
  }

  @Test
  void ask_whileAnotherWritesTheAnswers_asksNothing() throws IOException {
    Path answers = folder.resolve("answers.jsonl");
    SingleWriter.write(
        answers,
        () -> {
          CommandRun second = ask(answers, "--budget", 6);
          assertThat(second.status()).isEqualTo(2);
          assertThat(second.err()).contains("answers.jsonl: is being written by another embedllm");
        });
    assertThat(server.asked).isEmpty();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  @Tag("process")
  void ask_toWhatIsNoFile_isRefusedAndAsksNothing() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    for (Path device : List.of(Path.of("/dev/null"), pipe)) {
      CommandRun run = ask(device, "--budget", 6);
      assertThat(run.status()).as(run.err()).isEqualTo(2);
      assertThat(run.err()).contains(device + ": is a device or a pipe");
    }
    CommandRun run = ask(folder, "--budget", 6);
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("is a directory; give the name of a file");
    assertThat(server.asked).isEmpty();
  }

  @Test
  void ask_toAFileOfAnotherKind_isRefusedAndKeepsItsBytes() throws IOException {
    List<byte[]> others =
        List.of(
            "one line".getBytes(StandardCharsets.UTF_8),
            "a,b\n1,2".getBytes(StandardCharsets.UTF_8),
            "{\"x\": 1}\n{\"model_n".getBytes(StandardCharsets.UTF_8),
            new byte[] {5, 0, '\n', (byte) 0xff, (byte) 0xfe, '\n', 7});
    for (byte[] bytes : others) {
      Path other = Files.write(folder.resolve("pool.safetensors"), bytes);
      CommandRun run = ask(other, "--budget", 6);
      assertThat(run.status()).as(run.err()).isEqualTo(2);
      assertThat(run.err()).contains("pool.safetensors:", "is no answer that ask wrote");
      assertThat(other).hasBinaryContent(bytes);
    }
    assertThat(server.asked).isEmpty();
  }

  @Test
  void ask_afterAnInterrupt_cutsTheLastLineOrEndsIt() throws IOException {
    Path answers = folder.resolve("a.jsonl");
    assertThat(ask(answers, "--budget", 4).status()).isZero();
    String whole = Files.readString(answers);
    String last = whole.substring(whole.lastIndexOf('\n', whole.length() - 2) + 1);
    for (String end :
        List.of(whole + last.substring(0, 40), whole.stripTrailing(), whole + "\0\0\0")) {
      Files.writeString(answers, end);
      CommandRun run = ask(answers, "--budget", 6);
      assertThat(run.status()).as(run.err()).isZero();
      assertThat(Files.readString(answers)).startsWith(whole);
      assertThat(Files.readAllLines(answers)).hasSize(6).allMatch(line -> line.endsWith("}"));
    }
  }

  @Test
  void ask_untilTheAccuracyIsKnown_stopsBeforeTheBudget() throws IOException {
    JsonNode told =
        ask(folder.resolve("a.jsonl"), "--budget", 110, "--stop-at", 0.12, "--json").json();
    assertThat(told.get("asked").asInt()).isLessThan(110);
    assertThat((told.get("high").asDouble() - told.get("low").asDouble()) / 2).isLessThan(0.125);
    assertThat(told.get("ended").asString()).contains("known well enough");
  }

  @Test
  void ask_withACostLimit_staysBelowIt() throws IOException {
    Path prices =
        Files.writeString(folder.resolve("prices.csv"), "model,input,output,call\nexpert,0,10,0\n");
    JsonNode told =
        ask(
                folder.resolve("a.jsonl"),
                "--budget",
                50,
                "--prices",
                prices,
                "--max-usd",
                0.0205,
                "--concurrency",
                2,
                "--json")
            .json();
    assertThat(told.get("usd").asDouble()).isBetween(0.01, 0.0205);
    assertThat(told.get("ended").asString()).contains("--max-usd");
    CommandRun unpriced = ask(folder.resolve("b.jsonl"), "--budget", 5, "--max-usd", 1);
    assertThat(unpriced.status()).isEqualTo(2);
    assertThat(unpriced.err()).contains("--prices");
  }

  @Test
  void ask_ofABusyServer_asksAgain() throws IOException {
    server.busyFirst.set(5);
    JsonNode told = ask(folder.resolve("a.jsonl"), "--budget", 6, "--json").json();
    assertThat(told.get("answered").asInt()).isEqualTo(6);
  }

  @Test
  void ask_withAWrongKeyOrAddress_saysSo_withoutTheKey() {
    server.keyWanted = true;
    CommandRun refused = ask(folder.resolve("a.jsonl"), "--budget", 6);
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).contains("401", "check the key").doesNotContain(SkilledServer.KEY);

    CommandRun wrong =
        CommandRun.of(
            "ask",
            pool,
            "--upstream",
            server.url() + "/nowhere",
            "--name",
            "expert",
            "--budget",
            3,
            "--to",
            folder.resolve("b.jsonl"));
    assertThat(wrong.status()).isEqualTo(2);
    assertThat(wrong.err()).contains("404", "base URL");
  }

  @Test
  void ask_withWrongOptions_saysWhichOneIsMissing() {
    Path to = folder.resolve("a.jsonl");
    assertThat(CommandRun.of("ask", "--to", to).err()).contains("MODEL is missing");
    assertThat(CommandRun.of("ask", pool, "--to", to).err()).contains("--budget is missing");
    assertThat(CommandRun.of("ask", pool, "--budget", 5, "--to", to).err())
        .contains("--upstream URL --name NAME");
    assertThat(ask(to, "--budget", 5, "--scorer", "bleu").err()).contains("no scorer \"bleu\"");
    assertThat(ask(to, "--budget", 5, "--scorer", "judge").err()).contains("--judge-name NAME");
    assertThat(ask(to, "--budget", 5, "--key-env", "NO_SUCH_KEY").err())
        .contains("NO_SUCH_KEY", "not set");
    assertThat(ask(to, "--budget", 5, "--as", "adder", "--add-to", folder.resolve("x")).err())
        .contains("--as");
    assertThat(ask(to, "--budget", 5, "--upstream-model", "x").status()).isEqualTo(2);
  }

  @Test
  void ask_withACostLimit_countsEarlierRunsAndTheJudge() throws IOException {
    Path prices =
        Files.writeString(
            folder.resolve("prices.csv"),
            "model,input,output,call\nexpert,0,10,0\njudge,0,0.1,0\n");
    Path answers = folder.resolve("a.jsonl");
    Object[] limited = {
      "--budget", 50, "--prices", prices, "--max-usd", 0.0105, "--concurrency", 1, "--json"
    };
    assertThat(ask(answers, limited).json().get("answered").asInt()).isEqualTo(10);
    JsonNode again = ask(answers, limited).json();
    assertThat(again.get("answered").asInt()).isEqualTo(10);
    assertThat(again.get("ended").asString()).contains("--max-usd");

    CommandRun unpriced =
        ask(
            folder.resolve("c.jsonl"),
            "--budget",
            5,
            "--prices",
            prices,
            "--max-usd",
            1,
            "--scorer",
            "judge",
            "--judge",
            server.url(),
            "--judge-name",
            "judge-unpriced");
    assertThat(unpriced.status()).isEqualTo(2);
    assertThat(unpriced.err()).contains("judge-unpriced", "--prices");

    server.judgeUsd = 0.001;
    Path judged = folder.resolve("b.jsonl");
    Object[] words = java.util.Arrays.copyOf(limited, limited.length + 6);
    Object[] judge = {"--scorer", "judge", "--judge", server.url(), "--judge-name", "judge"};
    System.arraycopy(judge, 0, words, limited.length, judge.length);
    JsonNode told = ask(judged, words).json();
    // Each answer costs a tenth of a cent, and each of the judge's two verdicts on it as well.
    assertThat(told.get("answered").asInt()).isEqualTo(3);
    assertThat(told.get("usd").asDouble()).isCloseTo(0.009, within(1e-9));
  }

  @Test
  void ask_withAJudgeThatRefusesSomeAnswers_goesOn() throws IOException {
    server.judgeRefuses = true;
    JsonNode told =
        ask(
                folder.resolve("a.jsonl"),
                "--budget",
                12,
                "--scorer",
                "judge",
                "--judge",
                server.url(),
                "--judge-name",
                "judge",
                "--json")
            .json();
    assertThat(told.get("answered").asInt()).isEqualTo(12);
    assertThat(told.get("scored").asInt()).isBetween(1, 11);
  }
}
