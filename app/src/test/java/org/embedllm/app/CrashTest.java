package org.embedllm.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.embedllm.app.ask.SkilledServer;
import org.embedllm.storage.AtomicDirectory;
import org.embedllm.storage.Sha256;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/// Commands that write, killed at random points: what they replace is whole, old or new, and the
/// next command clears what was left behind.
@Tag("process")
class CrashTest {
  private static final int SHORTEST = 300; // milliseconds to live
  private static final int LONGEST = 2_000;
  private static final int KILLED = 128 + 9; // the status of a process that SIGKILL ended
  private static final String NOTHING = "nothing";
  private static final Path REPORT = Path.of("target", "crash-report.txt");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir Path folder;

  @Test
  void writers_killedTenTimes_loseNothing() throws Exception {
    assertThat(killed(1, 10, 1)).isPositive();
  }

  @Test
  @Tag("slow")
  void writers_killedAHundredTimes_loseNothing() throws Exception {
    assertThat(killed(100, 100, 2)).isGreaterThanOrEqualTo(100);
  }

  /// @param least kills: commands that end before they are killed do not count
  /// @param rounds at least
  /// @return how many commands were killed
  private int killed(int least, int rounds, long seed) throws Exception {
    done("import", source("a", 1, "m"), "--to", fixed());
    done("train", fixed(), "--encoder", "text-features", "--to", base());
    done("import", source("a", 1, "m"), "--to", folder.resolve("encoded"));
    Map<Writer, Set<String>> whole = new EnumMap<>(Writer.class);
    for (Writer writer : Writer.values()) {
      whole.put(writer, Set.copyOf(List.of(finished(writer, 1), finished(writer, 0))));
    }
    String vectors = digest(place(Writer.ENCODE));
    whole.put(Writer.ENCODE, Set.of(NOTHING, vectors)); // They are deleted before each round.
    var random = new SplittableRandom(seed);
    int kills = 0;
    int round = 0;
    for (; round < rounds || (kills < least && round < 10 * rounds); round++) {
      Writer writer = Writer.values()[round % Writer.values().length];
      if (writer == Writer.ENCODE) {
        AtomicDirectory.delete(place(writer));
      }
      if (kill(random.nextInt(SHORTEST, LONGEST), command(writer, random.nextInt(2)))) {
        kills++;
      }
      for (Writer each : Writer.values()) {
        assertThat(digest(place(each))).as("round %d, %s", round, each).isIn(whole.get(each));
      }
      // The questions beside the model are its own.
      done("plan", place(Writer.TRAIN), "--budget", 2);
    }
    for (Writer writer : Writer.values()) {
      finished(writer, 0);
    }
    try (Stream<Path> entries = Files.walk(folder)) {
      assertThat(entries.map(path -> path.getFileName().toString()))
          .noneMatch(CrashTest::temporary);
    }
    report("writers", kills, round);
    return kills;
  }

  /// @param rounds kills, and commands that ended before they could be killed
  private static void report(String what, int kills, int rounds) throws IOException {
    Files.writeString(
        REPORT,
        "%s\t%d killed of %d\tnothing lost%n".formatted(what, kills, rounds),
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  /// What was written stays; what is not there yet is asked for by the next run, and nothing twice
  /// but what was under way.
  @Test
  @Tag("slow")
  void ask_killedAgainAndAgain_keepsEveryAnswer() throws Exception {
    int questions = 400;
    int concurrency = 4;
    SplittableRandom random = new SplittableRandom(3);
    try (SkilledServer upstream = new SkilledServer(questions)) {
      Path prompts = SkilledServer.prompts(folder.resolve("prompts.csv"), questions, true);
      Path answers = folder.resolve("answers.jsonl");
      List<Object> ask =
          List.of(
              "ask",
              "--upstream",
              upstream.url(),
              "--name",
              "adder",
              "--prompts",
              prompts,
              "--concurrency",
              concurrency,
              "--to",
              answers);
      List<String> before = List.of();
      int rounds = 0;
      int kills = 0;
      int longest = 1_600; // milliseconds until the kill
      while (before.size() < questions && rounds < 100) {
        if (kill(random.nextInt(longest / 2, longest), ask)) {
          kills++;
        }
        rounds++;
        List<String> now = Files.exists(answers) ? complete(answers) : List.of();
        assertThat(now).as("after round %d", rounds).hasSizeGreaterThanOrEqualTo(before.size());
        assertThat(now.subList(0, before.size())).as("after round %d", rounds).isEqualTo(before);
        if (now.size() == before.size()) {
          longest += 200; // a slow machine
        }
        before = now;
      }
      done(ask.toArray());
      assertThat(complete(answers))
          .hasSize(questions)
          .map(line -> JSON.readTree(line).path("prompt_id").asString())
          .doesNotHaveDuplicates();
      assertThat(upstream.requests()).isBetween(questions, questions + kills * concurrency);
      report("ask", kills, rounds);
    }
  }

  private static List<String> complete(Path file) throws IOException {
    String text = Files.readString(file);
    return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
  }

  /// Each file of a report is the old one or a new one, and the next run goes on.
  @Test
  @Tag("slow")
  void reports_killedAgainAndAgain_haveWholeFiles() throws Exception {
    done("import", source("a", 1, "m"), "--to", fixed());
    done("train", fixed(), "--encoder", "text-features", "--to", base());
    Path experiment = folder.resolve("experiment");
    Path site = folder.resolve("site");
    List<List<Object>> commands =
        List.of(
            List.of(
                "experiment", "table1", fixed(), "--encoder", "text-features", "--to", experiment),
            List.of("explore", base(), "--dataset", fixed(), "--export", site),
            List.of("quickstart", "--to", folder.resolve("quickstart")));
    SplittableRandom random = new SplittableRandom(4);
    int kills = 0;
    int rounds = 15;
    for (int round = 0; round < rounds; round++) {
      if (kill(random.nextInt(500, 9_000), commands.get(round % 3))) {
        kills++;
      }
      try (Stream<Path> tree = Files.walk(folder)) {
        for (Path file : tree.filter(Files::isRegularFile).toList()) {
          String name = file.getFileName().toString();
          if (!temporary(name) && name.endsWith(".html")) {
            assertThat(Files.readString(file)).as("round %d, %s", round, file).contains("</html>");
          } else if (!temporary(name) && name.endsWith(".json") && !name.startsWith("dataset")) {
            assertThat(JSON.readTree(file.toFile()).isMissingNode()).as("%s", file).isFalse();
          }
        }
      }
    }
    for (List<Object> command : commands) {
      done(command.toArray());
    }
    try (Stream<Path> entries = Files.walk(folder)) {
      assertThat(entries.map(path -> path.getFileName().toString()).filter(CrashTest::temporary))
          .containsOnly(".cache"); // what the experiment keeps
    }
    report("reports", kills, rounds);
  }

  private enum Writer {
    IMPORT("data"),
    TRAIN("pool.safetensors"),
    EXPORT("table.csv"),
    ADD("more.safetensors"),
    LEARN("learned.safetensors"),
    ENCODE("encoded/vectors");

    private final String place;

    Writer(String place) {
      this.place = place;
    }
  }

  private Path place(Writer writer) {
    return folder.resolve(writer.place);
  }

  private Path fixed() {
    return folder.resolve("fixed");
  }

  private Path base() {
    return folder.resolve("base.safetensors");
  }

  /// A command in one of two variants; encoding has one.
  private List<Object> command(Writer writer, int variant) throws IOException {
    Path to = place(writer);
    return switch (writer) {
      case IMPORT -> List.of("import", source("b", variant, "m"), "--to", to, "--force");
      case TRAIN ->
          List.of("train", fixed(), "--encoder", "text-features", "--seed", variant, "--to", to);
      case EXPORT ->
          List.of("export", fixed(), "--what", variant == 0 ? "matrix" : "responses", "--to", to);
      case ADD -> List.of("add", base(), source("n", variant, "new"), "--to", to);
      case LEARN -> List.of("learn", base(), source("b", variant, "m"), "--to", to);
      case ENCODE -> List.of("encode", folder.resolve("encoded"), "--encoder", "text-features");
    };
  }

  /// The digest of what a command writes that ends by itself.
  private String finished(Writer writer, int variant) throws IOException {
    done(command(writer, variant).toArray());
    return digest(place(writer));
  }

  private static void done(Object... command) {
    CommandRun run = CommandRun.of(command);
    assertThat(run.status()).as(run.err()).isZero();
  }

  /// @return whether it was killed; else it had ended before
  private boolean kill(int milliseconds, List<Object> arguments) throws Exception {
    Process process =
        new ProcessBuilder(ProgramProcess.command(List.of(), arguments))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("said.txt").toFile())
            .start();
    if (process.waitFor(milliseconds, TimeUnit.MILLISECONDS)) {
      return false;
    }
    return process.destroyForcibly().waitFor() == KILLED;
  }

  private Path source(String name, int seed, String model) throws IOException {
    Path file = folder.resolve(name + seed + ".csv");
    if (!Files.exists(file)) {
      var random = new SplittableRandom(seed);
      StringBuilder table = new StringBuilder("model,prompt_id,prompt,category,label\n");
      for (int j = 0; j < 60; j++) {
        for (int i = 0; i < 4; i++) {
          table.append(
              "%s%d,%d,what is %d plus %d,c%d,%d%n"
                  .formatted(model, i, j, j, 3 * j, j % 2, random.nextInt(2)));
        }
      }
      Files.writeString(file, table);
    }
    return file;
  }

  /// Of a file, or of all files of a folder but the vectors in it, which an import keeps, the parts
  /// of vectors, and what a killed writer left, which the next one clears.
  private static String digest(Path path) throws IOException {
    if (!Files.exists(path)) {
      return NOTHING;
    }
    TreeMap<String, String> files = new TreeMap<>();
    try (Stream<Path> tree = Files.walk(path)) {
      for (Path file : tree.filter(Files::isRegularFile).toList()) {
        String name = file.getFileName().toString();
        if (!temporary(name)) {
          files.put(path.relativize(file).toString(), Sha256.of(file));
        }
      }
    }
    files.keySet().removeIf(name -> name.startsWith("vectors") || name.contains(".parts"));
    return files.isEmpty() ? NOTHING : Sha256.of(files.toString());
  }

  private static boolean temporary(String name) {
    return name.startsWith(".");
  }
}
