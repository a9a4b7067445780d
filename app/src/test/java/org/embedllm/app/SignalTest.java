package org.embedllm.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.embedllm.app.ask.SkilledServer;
import org.embedllm.app.replay.SimulatedStore;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Commands that are told to end, as processes: an exit status of 130 or 143, one line that says
/// what to do next, and no temporary file.
@Tag("process")
@EnabledOnOs(value = OS.LINUX, disabledReason = "env --default-signal is GNU's")
class SignalTest {
  private static final int TRIES = 12; // until a command is still running when the signal comes
  private static final int LONGEST = 1_500; // milliseconds until then

  /// What a process has loaded when it can say that it was interrupted.
  private static final String STARTED = "picocli.CommandLine$ParseResult ";

  @TempDir Path folder;

  /// For what a process unpacks.
  private Path temporary = Path.of("");

  private enum Signal {
    INT(130),
    TERM(143);

    private final int status;

    Signal(int status) {
      this.status = status;
    }
  }

  @Test
  void import_andTraining_interrupted_leaveNothing() throws Exception {
    Path data = folder.resolve("data");
    assertInterrupted(Signal.INT, List.of("import", table(8_000), "--to", data, "--force"));
    done("import", table(300), "--to", data, "--force");
    assertInterrupted(Signal.TERM, train(data));
  }

  /// All but `cache`, `completion` and `key`, which end at once, and the rehearsal of a build.
  @Test
  @Tag("slow")
  void everyCommand_interrupted_leavesNothing() throws Exception {
    Path data = folder.resolve("data");
    Path model = folder.resolve("pool.safetensors");
    Path prompts = folder.resolve("prompts.txt");
    done("import", table(2_000), "--to", data);
    done(train(data).toArray());
    Files.write(prompts, java.util.Collections.nCopies(3_000, "what is 2 plus 2"));
    List<List<Object>> commands =
        List.of(
            List.of("import", table(8_000), "--to", folder.resolve("other")),
            List.of("encode", data, "--encoder", "minilm-l6"),
            train(data),
            List.of("tune", data, "--encoder", "text-features", "--epochs", 50),
            List.of("evaluate", model, data),
            List.of("forecast", model, "--file", prompts),
            List.of("route", model, "--file", prompts),
            List.of("similar", model, "m1"),
            List.of("models", model),
            List.of("inspect", data),
            List.of("plan", model, "--budget", 20),
            List.of("add", model, table(300), "--to", folder.resolve("more.safetensors")),
            List.of("learn", model, table(2_000), "--to", folder.resolve("more.safetensors")),
            List.of("benchmark", model, prompts),
            List.of("export", data, "--what", "responses", "--to", folder.resolve("out.csv")),
            List.of("experiment", "table1", data, "--to", folder.resolve("report")),
            List.of("quickstart", "--to", folder.resolve("quickstart")));
    assertAllInterrupted(commands);
  }

  @Test
  @Tag("slow")
  void commandsWithAGateway_interrupted_leaveNothing() throws Exception {
    Path data = folder.resolve("data");
    Path model = folder.resolve("pool.safetensors");
    done("import", table(300), "--to", data);
    done(train(data).toArray());
    Path store = SimulatedStore.write(folder.resolve("decisions.sqlite"), 3_000, 0.3, false);
    Path config =
        Files.writeString(
            folder.resolve("gateway.yaml"),
            "listen: 127.0.0.1:0\nupstreams: [{model: n1, url: \"http://127.0.0.1:9/v1\"}]\n");
    int questions = 2_000;
    try (SkilledServer upstream = new SkilledServer(questions)) {
      Path prompts = SkilledServer.prompts(folder.resolve("prompts.csv"), questions, true);
      assertAllInterrupted(
          List.of(
              List.of(
                  "ask",
                  "--upstream",
                  upstream.url(),
                  "--name",
                  "adder",
                  "--prompts",
                  prompts,
                  "--concurrency",
                  1,
                  "--to",
                  folder.resolve("answers.jsonl")),
              List.of("replay", store, "--policy", "best"),
              List.of("report", store, "--to", folder.resolve("traffic")),
              List.of("serve", model, "--config", config),
              List.of("explore", model, "--no-open", "--port", 0),
              List.of("explore", model, "--export", folder.resolve("site"))));
    }
  }

  private void assertAllInterrupted(List<List<Object>> commands) throws Exception {
    for (List<Object> command : commands) {
      for (Signal signal : Signal.values()) {
        assertInterrupted(signal, command);
      }
    }
  }

  private List<Object> train(Path data) {
    return List.of(
        "train", data, "--encoder", "text-features", "--to", folder.resolve("pool.safetensors"));
  }

  private static void done(Object... command) {
    CommandRun run = CommandRun.of(command);
    assertThat(run.status()).as(run.err()).isZero();
  }

  /// A command that ended before its signal is tried again, with the signal earlier.
  private void assertInterrupted(Signal signal, List<Object> command) throws Exception {
    SplittableRandom random = new SplittableRandom(command.toString().hashCode());
    int longest = LONGEST;
    for (int attempt = 0; attempt < TRIES; attempt++) {
      Ended ended = signalled(signal, random.nextInt(longest), command);
      if (ended.status() != 0) {
        String what = "%s %s: %s".formatted(signal, command, ended.said());
        assertThat(ended.status()).as(what).isEqualTo(signal.status);
        assertThat(
                ended
                    .said()
                    .lines()
                    .filter(line -> line.matches("embedllm: (interrupted|stopping); .*")))
            .as(what)
            .hasSize(1);
        assertThat(ended.said()).as(what).contains("run the same command again");
        assertThat(hidden()).as(what).isEmpty();
        assertThat(temporary).as(what).isEmptyDirectory();
        return;
      }
      longest = Math.max(2, longest / 2);
    }
    throw new AssertionError(command + " always ends before the signal");
  }

  private record Ended(int status, String said) {}

  private Ended signalled(Signal signal, int delay, List<Object> arguments) throws Exception {
    temporary = Files.createDirectories(folder.resolve("temporary"));
    Path loaded = folder.resolve("loaded.txt");
    Path said = folder.resolve("said.txt");
    Files.deleteIfExists(loaded);
    // What starts the tests may ignore SIGINT, and its children would too.
    List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
    command.addAll(
        ProgramProcess.command(
            List.of("-Xlog:class+load:file=" + loaded, "-Djava.io.tmpdir=" + temporary),
            arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(said.toFile())
            .start();
    try {
      while (process.isAlive()
          && !(Files.exists(loaded) && Files.readString(loaded).contains(STARTED))) {
        process.waitFor(20, TimeUnit.MILLISECONDS);
      }
      if (!process.waitFor(delay, TimeUnit.MILLISECONDS)) {
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
      }
      return new Ended(process.waitFor(), Files.readString(said));
    } finally {
      process.destroyForcibly();
    }
  }

  /// Temporary files; an experiment's kept results are for its next run.
  private List<Path> hidden() throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      return tree.filter(path -> String.valueOf(path.getFileName()).startsWith("."))
          .filter(path -> !path.endsWith(".cache"))
          .toList();
    }
  }

  private Path table(int questions) throws IOException {
    Path file = folder.resolve("table-" + questions + ".csv");
    if (!Files.exists(file)) {
      SplittableRandom random = new SplittableRandom(questions);
      StringBuilder table = new StringBuilder("model,prompt_id,prompt,category,label\n");
      for (int j = 0; j < questions; j++) {
        for (int i = 0; i < 8; i++) {
          table.append(
              "%s%d,%d,what is %d plus %d,c%d,%d%n"
                  .formatted(
                      questions == 300 ? "n" : "m", i, j, j, 3 * j, j % 2, random.nextInt(2)));
        }
      }
      Files.writeString(file, table);
    }
    return file;
  }
}
