package org.embedllm.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.embedllm.app.ask.SkilledServer;
import org.embedllm.app.replay.SimulatedStore;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.TrainingQuestions;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.ingest.DatasetLoader;
import org.embedllm.storage.AtomicDirectory;
import org.embedllm.storage.Sha256;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/// Commands that write, killed at random points: what they replace is whole, old or new, and the
/// next command clears what was left behind.
///
/// It is long because every writer has its command here, and what is whole of what it writes.
@Tag("process")
class CrashTest {
  private static final int SHORTEST = 300; // milliseconds to live
  private static final int LONGEST = 2_000;
  private static final int KILLED = 128 + 9; // the status of a process that SIGKILL ended
  private static final String NOTHING = "nothing";
  private static final Path REPORT = Path.of("target", "crash-report.txt");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /// Writers that are killed with -Pslow only.
  private static final Set<Writer> SLOW =
      EnumSet.of(Writer.PUBLISHED, Writer.TUNE, Writer.ASK_ALL, Writer.SERVE);

  private static final int QUESTIONS = 60;
  private static final Pattern LISTENING = Pattern.compile("listening on (\\S+)\\s");

  @TempDir Path folder;

  private final List<String> acknowledged = new ArrayList<>(); // decisions with feedback
  private String upstream = "";

  @Test
  void writers_killedInTurn_loseNothing() throws Exception {
    List<Writer> quick = Stream.of(Writer.values()).filter(w -> !SLOW.contains(w)).toList();
    assertThat(killed(quick, 1, quick.size(), 1)).isPositive();
  }

  @Test
  @Tag("slow")
  void writers_killedAHundredTimes_loseNothing() throws Exception {
    assertThat(killed(List.of(Writer.values()), 100, 100, 2)).isGreaterThanOrEqualTo(100);
  }

  /// @param writers that are killed, one after the other and again
  /// @param least kills: commands that end before they are killed do not count
  /// @param rounds at least
  /// @return how many commands were killed
  private int killed(List<Writer> writers, int least, int rounds, long seed) throws Exception {
    try (SkilledServer upstream = new SkilledServer(QUESTIONS)) {
      prepare(upstream.url());
      Map<Writer, Set<String>> whole = new EnumMap<>(Writer.class);
      for (Writer writer : writers) {
        Set<String> parts = new HashSet<>(writer.fresh ? Set.of(NOTHING) : finished(writer, 1));
        parts.addAll(finished(writer, 0));
        whole.put(writer, parts);
      }
      var random = new SplittableRandom(seed);
      Map<Writer, Integer> kills = new EnumMap<>(Writer.class);
      int round = 0;
      for (; round < rounds || (sum(kills) < least && round < 10 * rounds); round++) {
        Writer writer = writers.get(round % writers.size());
        if (writer.fresh) {
          AtomicDirectory.delete(place(writer));
        }
        List<Object> command = command(writer, random.nextInt(2));
        int milliseconds = random.nextInt(SHORTEST, writer.longest);
        boolean killed =
            writer == Writer.SERVE
                ? killServing(milliseconds / 4, command)
                : kill(milliseconds, command);
        kills.merge(writer, killed ? 1 : 0, Integer::sum);
        for (Writer each : writers) {
          assertThat(whole.get(each)).as("round %d, %s", round, each).containsAll(parts(each));
        }
        if (String.valueOf(place(writer)).endsWith(".safetensors")) {
          // The questions beside the model are its own.
          ModelArtifact model = ModelArtifact.open(place(writer));
          assertThat(TrainingQuestions.beside(place(writer), model)).isPresent();
        }
      }
      for (Writer writer : writers) {
        finished(writer, 0);
      }
      try (Stream<Path> entries = Files.walk(folder)) {
        assertThat(entries.map(path -> path.getFileName().toString()))
            .noneMatch(CrashTest::temporary);
      }
      report("writers " + kills, sum(kills), round);
      return sum(kills);
    }
  }

  private static int sum(Map<Writer, Integer> kills) {
    return kills.values().stream().mapToInt(Integer::intValue).sum();
  }

  /// What the writers read.
  private void prepare(String url) throws Exception {
    done("import", source("a", 1, "m"), "--to", fixed());
    done("train", fixed(), "--encoder", "text-features", "--to", base());
    done("import", source("a", 1, "m"), "--to", folder.resolve("encoded"));
    Path asked =
        SkilledServer.table(
            folder.resolve("skilled.csv"), QUESTIONS, SkilledServer.MODELS.subList(0, 4));
    done("train", asked, "--encoder", "text-features", "--to", skilled());
    SkilledServer.prompts(folder.resolve("prompts.csv"), QUESTIONS, true);
    SimulatedStore.write(folder.resolve("traffic0.sqlite"), 100, 0.3, false);
    SimulatedStore.write(folder.resolve("traffic1.sqlite"), 150, 0.3, false);
    upstream = url;
    Files.writeString(
        folder.resolve("all.yaml"),
        "upstreams: [{model: adder, url: \"%s\"}, {model: chemist, url: \"%s\"}]%n"
            .formatted(url, url));
    Files.writeString(
        folder.resolve("serve.yaml"),
        """
        listen: 127.0.0.1:0
        store: {url: "jdbc:sqlite:%s"}
        upstreams: [{model: m0, url: "%s"}, {model: m1, url: "%s"}]
        """
            .formatted(place(Writer.SERVE), url, url));
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
      completed(command);
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
    PUBLISHED("published.safetensors"),
    TUNE("cache/tune", LONGEST, true),
    EXPORT("table.csv"),
    NPY("matrix/matrix.npy"),
    PARQUET("table.parquet"),
    ADD("more.safetensors"),
    LEARN("learned.safetensors"),
    ASK_ADD("asked.safetensors"),
    ASK_ALL("all.safetensors", 6_000, false),
    ENCODE("encoded/vectors", LONGEST, true),
    REPORT("traffic"),
    SERVE("decisions.sqlite");

    private final String place;
    private final int longest; // milliseconds to live
    private final boolean fresh; // whether it has one variant, on an empty place in each round

    Writer(String place) {
      this(place, LONGEST, false);
    }

    Writer(String place, int longest, boolean fresh) {
      this.place = place;
      this.longest = longest;
      this.fresh = fresh;
    }
  }

  private Path place(Writer writer) {
    return folder.resolve(writer.place);
  }

  private Path fixed() {
    return folder.resolve("fixed");
  }

  private Path skilled() {
    return folder.resolve("skilled.safetensors");
  }

  private Path base() {
    return folder.resolve("base.safetensors");
  }

  /// A command in one of two variants; what has one only does not use it.
  private List<Object> command(Writer writer, int variant) throws IOException {
    Path to = place(writer);
    return switch (writer) {
      case IMPORT -> List.of("import", source("b", variant, "m"), "--to", to, "--force");
      case TRAIN ->
          List.of("train", fixed(), "--encoder", "text-features", "--seed", variant, "--to", to);
      case PUBLISHED ->
          List.of(
              "train",
              fixed(),
              "--published",
              "--epochs",
              20,
              "--dimension",
              8,
              "--encoder",
              "text-features",
              "--seed",
              variant,
              "--to",
              to);
      case TUNE ->
          List.of(
              "tune",
              fixed(),
              "--dimensions",
              "2,3,4,5,6,7,8",
              "--epochs",
              20,
              "--encoder",
              "text-features");
      case NPY, PARQUET, EXPORT ->
          List.of("export", fixed(), "--what", variant == 0 ? "matrix" : "responses", "--to", to);
      case ADD -> List.of("add", base(), source("n", variant, "new"), "--to", to);
      case LEARN -> List.of("learn", base(), source("b", variant, "m"), "--to", to);
      case ASK_ADD ->
          List.of(
              "ask",
              skilled(),
              "--upstream",
              upstream,
              "--name",
              variant == 0 ? "expert" : "beginner",
              "--budget",
              12,
              "--to",
              folder.resolve("asked.jsonl"),
              "--add-to",
              to);
      case ASK_ALL ->
          List.of(
              "ask",
              "--all",
              folder.resolve("all.yaml"),
              "--prompts",
              folder.resolve("prompts.csv"),
              "--to",
              folder.resolve("all"),
              "--train",
              to,
              "--force");
      case ENCODE -> List.of("encode", folder.resolve("encoded"), "--encoder", "text-features");
      case REPORT -> List.of("report", folder.resolve("traffic" + variant + ".sqlite"), "--to", to);
      case SERVE -> List.of("serve", base(), "--config", folder.resolve("serve.yaml"));
    };
  }

  /// The parts of what a command writes that ends by itself.
  private Set<String> finished(Writer writer, int variant) throws Exception {
    if (writer == Writer.SERVE) {
      // It goes on from what it had.
      if (Files.exists(place(writer))) {
        done("report", place(writer), "--to", folder.resolve("served"));
      }
    } else if (writer == Writer.TUNE) {
      completed(command(writer, variant));
    } else {
      done(command(writer, variant).toArray());
    }
    return parts(writer);
  }

  /// What is whole for itself: a digest of the file or folder, or of each file where one after the
  /// other is replaced.
  private Set<String> parts(Writer writer) throws Exception {
    return switch (writer) {
      case NPY -> each(folder.resolve("matrix"));
      case TUNE -> each(place(writer));
      case SERVE -> kept();
      case ASK_ALL -> Set.of(answers(folder.resolve("all")));
      default -> Set.of(digest(place(writer)));
    };
  }

  /// All answers of a data set. Their order is that in which they came, and seconds are measured.
  private static String answers(Path data) {
    CorrectnessMatrix matrix = DatasetLoader.load(data).data().matrix();
    Set<String> answers = new TreeSet<>();
    for (int j = 0; j < matrix.questionCount(); j++) {
      for (int i = 0; i < matrix.modelCount(); i++) {
        answers.add(matrix.questions().get(j).text() + matrix.models().get(i) + matrix.score(i, j));
      }
    }
    return answers.toString();
  }

  private static Set<String> each(Path place) throws IOException {
    Set<String> each = new HashSet<>();
    if (Files.exists(place)) {
      try (Stream<Path> tree = Files.walk(place)) {
        for (Path file : tree.filter(Files::isRegularFile).toList()) {
          if (!temporary(file.getFileName().toString())) {
            each.add(place.relativize(file) + " " + Sha256.of(file));
          }
        }
      }
    }
    return each;
  }

  /// Nothing: fails where the store lacks feedback that was acknowledged, or its decision.
  private Set<String> kept() throws SQLException {
    if (Files.exists(place(Writer.SERVE))) {
      Set<String> found = new HashSet<>();
      try (Connection store = DriverManager.getConnection("jdbc:sqlite:" + place(Writer.SERVE));
          Statement statement = store.createStatement()) {
        try (ResultSet check = statement.executeQuery("PRAGMA integrity_check")) {
          assertThat(check.getString(1)).isEqualTo("ok");
        }
        if (!acknowledged.isEmpty()) {
          try (ResultSet rows =
              statement.executeQuery(
                  "SELECT id FROM decisions JOIN feedback ON id = decision WHERE score = 0.75")) {
            while (rows.next()) {
              found.add(rows.getString(1));
            }
          }
        }
      }
      assertThat(found).containsAll(acknowledged);
    }
    return Set.of();
  }

  private static void done(Object... command) {
    CommandRun run = CommandRun.of(command);
    assertThat(run.status()).as(run.err()).isZero();
  }

  /// Runs a command as a process with the cache folder of those that are killed.
  private void completed(List<Object> command) throws Exception {
    Path said = folder.resolve("said.txt");
    assertThat(started(command, said).waitFor()).as(Files.readString(said)).isZero();
  }

  private Process started(List<Object> arguments, Path said) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(ProgramProcess.command(List.of(), arguments));
    builder.environment().put("EMBEDLLM_CACHE", folder.resolve("cache").toString());
    return builder.redirectErrorStream(true).redirectOutput(said.toFile()).start();
  }

  /// @return whether it was killed; else it had ended before
  private boolean kill(int milliseconds, List<Object> arguments) throws Exception {
    Process process = started(arguments, folder.resolve("said.txt"));
    if (process.waitFor(milliseconds, TimeUnit.MILLISECONDS)) {
      return false;
    }
    return process.destroyForcibly().waitFor() == KILLED;
  }

  /// Kills a gateway that answers and takes feedback.
  ///
  /// @param milliseconds from when it listens
  private boolean killServing(int milliseconds, List<Object> arguments) throws Exception {
    Path said = folder.resolve("served.txt");
    Process process = started(arguments, said);
    Matcher listening = LISTENING.matcher("");
    while (!listening.reset(Files.readString(said)).find()) {
      assertThat(process.isAlive()).as("%s", listening).isTrue();
      process.waitFor(10, TimeUnit.MILLISECONDS);
    }
    String url = listening.group(1);
    CompletableFuture.delayedExecutor(milliseconds, TimeUnit.MILLISECONDS)
        .execute(process::destroyForcibly);
    try (HttpClient client = HttpClient.newHttpClient()) {
      while (true) {
        String id =
            post(
                    client,
                    url + "/chat/completions",
                    "{\"model\": \"auto\", \"messages\": [{\"role\": \"user\", \"content\": \"a\"}]}")
                .headers()
                .firstValue("x-embedllm-decision")
                .orElseThrow();
        String score = "{\"decision\": \"" + id + "\", \"score\": 0.75}";
        assertThat(post(client, url + "/feedback", score).statusCode()).isEqualTo(200);
        acknowledged.add(id);
      }
    } catch (IOException e) {
      return process.waitFor() == KILLED;
    }
  }

  private static HttpResponse<String> post(HttpClient client, String url, String body)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create(url))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /// A stopped process lives, so its folder stays; a killed one does not, and its folder goes.
  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "it stops a process by a signal")
  void parquet_killed_leavesItsTemporaryFolderToTheNextCommand() throws Exception {
    Path temporary = Files.createDirectory(folder.resolve("temporary"));
    Path source = source("a", 1, "m");
    List<Object> export = List.of("export", source, "--to", folder.resolve("first.parquet"));
    List<Object> other = List.of("export", source, "--to", folder.resolve("other.parquet"));
    List<String> options = List.of("-Djava.io.tmpdir=" + temporary);
    Process first = new ProcessBuilder(ProgramProcess.command(options, export)).start();
    try {
      while (duckDb(temporary).stream().noneMatch(Files::isDirectory)) {
        assertThat(first.isAlive()).isTrue();
        first.waitFor(2, TimeUnit.MILLISECONDS);
      }
      new ProcessBuilder("kill", "-STOP", Long.toString(first.pid())).start().waitFor();
      List<Path> ofFirst = duckDb(temporary);
      Process second = new ProcessBuilder(ProgramProcess.command(options, other)).start();
      assertThat(second.waitFor()).isZero();
      assertThat(duckDb(temporary)).isEqualTo(ofFirst).isNotEmpty();
    } finally {
      first.destroyForcibly().waitFor();
    }
    assertThat(duckDb(temporary)).isNotEmpty();
    Process third = new ProcessBuilder(ProgramProcess.command(options, other)).start();
    assertThat(third.waitFor()).isZero();
    assertThat(duckDb(temporary)).isEmpty();
  }

  private static List<Path> duckDb(Path temporary) throws IOException {
    try (Stream<Path> entries = Files.list(temporary)) {
      return entries.filter(path -> path.toString().contains("duckdb")).sorted().toList();
    }
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
