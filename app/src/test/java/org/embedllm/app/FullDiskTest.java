package org.embedllm.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.embedllm.app.ask.SkilledServer;
import org.embedllm.storage.Sha256;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Commands as processes on a small disk of their own, which gets full while they write, and with a
/// full standard output.
@Tag("process")
@Tag("slow")
@EnabledOnOs(value = OS.LINUX, disabledReason = "it mounts a file system in memory")
class FullDiskTest {
  @TempDir private Path folder;

  @BeforeEach
  void aDiskCanBeMounted() throws Exception {
    Assumptions.assumeTrue(
        new ProcessBuilder("unshare", "-rm", "true").start().waitFor() == 0,
        "this system lets no user mount a file system");
  }

  @Test
  void writers_onADiskThatGetsFull_replaceNothingAndSayWhich() throws Exception {
    Path data = folder.resolve("data");
    Path model = folder.resolve("pool.safetensors");
    done("import", table("m", 1), "--to", data);
    done("train", data, "--encoder", "text-features", "--to", model);
    for (Writer writer : writers(data, model)) {
      assertNothingReplaced(writer);
    }
  }

  @Test
  void answers_onADiskThatGetsFull_areKeptUpToThere() throws Exception {
    int questions = 200;
    try (SkilledServer upstream = new SkilledServer(questions)) {
      Path prompts = SkilledServer.prompts(folder.resolve("prompts.csv"), questions, true);
      Path place = Files.createDirectory(folder.resolve("place"));
      Path file = place.resolve("answers.jsonl");
      List<Object> ask =
          List.of("ask", "--upstream", upstream.url(), "--name", "adder", "--prompts", prompts);
      Ended full = onDisk(place, 16, Files.createDirectory(folder.resolve("empty")), ask, file);
      assertThat(full.status()).as(full.said()).isEqualTo(2);
      assertThat(full.said()).contains(file.toString(), "disk is full", "needed");
      long kept = Files.readString(full.seen().resolve("answers.jsonl")).lines().count();
      assertThat(kept).isBetween(1L, questions - 1L);

      Ended resumed = onDisk(place, 4_000, full.seen(), ask, file);
      assertThat(resumed.status()).as(resumed.said()).isZero();
      assertThat(Files.readAllLines(resumed.seen().resolve("answers.jsonl"))).hasSize(questions);
    }
  }

  @Test
  void quickstart_onAFullDisk_namesItsFile() throws Exception {
    Path place = Files.createDirectory(folder.resolve("place"));
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Ended ended = onDisk(place, 64, empty, List.of("quickstart"), place.resolve("quickstart"));
    assertThat(ended.status()).as(ended.said()).isEqualTo(2);
    assertThat(ended.said()).contains(place.toString()).containsPattern("full|free");
  }

  @Test
  void standardOutput_full_isAnErrorOfStatusOne() throws Exception {
    Path data = folder.resolve("data");
    done("import", table("m", 1), "--to", data);
    Ended ended = shell(java(List.of("inspect", data)) + " > /dev/full");
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.said()).contains("standard output cannot be written");
  }

  /// A command that replaces a file or folder.
  ///
  /// @param name of what it writes
  /// @param command but `--to`
  /// @param before another command that writes the same name, but `--to`
  private record Writer(String name, List<Object> command, List<Object> before) {}

  private List<Writer> writers(Path data, Path model) throws IOException {
    List<Object> train = List.of("train", data, "--encoder", "text-features", "--seed");
    List<Object> published =
        List.of("train", data, "--encoder", "text-features", "--published", "--seed");
    List<Object> experiment =
        List.of("experiment", "table1", data, "--encoder", "text-features", "--seeds");
    return List.of(
        new Writer(
            "data",
            List.of("import", table("m", 2), "--force"),
            List.of("import", table("m", 1), "--force")),
        new Writer("model", and(train, 1), and(train, 2)),
        new Writer("published", and(published, 1), and(published, 2)),
        new Writer(
            "more", List.of("add", model, table("n", 1)), List.of("add", model, table("n", 2))),
        new Writer(
            "learned",
            List.of("learn", model, table("m", 2)),
            List.of("learn", model, table("m", 3))),
        new Writer(
            "table.csv",
            List.of("export", data, "--what", "responses"),
            List.of("export", data, "--what", "matrix")),
        new Writer(
            "table.parquet",
            List.of("export", data, "--what", "responses"),
            List.of("export", data, "--what", "matrix")),
        new Writer("report", and(experiment, 1), and(experiment, 2)));
  }

  private static List<Object> and(List<Object> words, Object last) {
    List<Object> all = new ArrayList<>(words);
    all.add(last);
    return all;
  }

  /// On disks with space for what is there and a part of what comes.
  private void assertNothingReplaced(Writer writer) throws Exception {
    Path old = Files.createTempDirectory(folder, "old");
    Path fresh = Files.createTempDirectory(folder, "fresh");
    done(to(writer.before(), old.resolve(writer.name())).toArray());
    done(to(writer.command(), fresh.resolve(writer.name())).toArray());
    Map<String, String> before = files(old);
    Path place = Files.createTempDirectory(folder, "place");
    for (double part : new double[] {0.1, 0.7}) {
      long kilobytes = Math.max(4, Math.round(blocks(old) + part * blocks(fresh)));
      Ended ended = onDisk(place, kilobytes, old, writer.command(), place.resolve(writer.name()));
      String what = "%s, %d KB: %s".formatted(writer, kilobytes, ended.said());
      assertThat(ended.status()).as(what).isEqualTo(2);
      assertThat(ended.said()).as(what).contains(place.toString()).containsPattern("full|free");
      assertThat(ended.said()).as(what).doesNotContain("Exception", "\tat ");
      assertThat(files(ended.seen())).as(what).isEqualTo(before);
    }
  }

  /// Kilobytes of a folder on a disk whose blocks have four.
  private static long blocks(Path path) throws IOException {
    try (Stream<Path> tree = Files.walk(path)) {
      return tree.mapToLong(file -> 4 * Math.ceilDiv(file.toFile().length(), 4_096)).sum();
    }
  }

  private static List<Object> to(List<Object> command, Path place) {
    List<Object> all = new ArrayList<>(command);
    all.addAll(List.of("--to", place));
    return all;
  }

  /// All but what a command keeps in order to go on later.
  private static Map<String, String> files(Path place) throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> tree = Files.walk(place)) {
      for (Path file : tree.filter(Files::isRegularFile).toList()) {
        files.put(place.relativize(file).toString(), Sha256.of(file));
      }
    }
    files.keySet().removeIf(name -> name.contains(".cache/") || name.endsWith(".checkpoint"));
    return files;
  }

  /// @param seen what was on the disk at the end
  private record Ended(int status, String said, Path seen) {}

  /// Runs a command in a namespace with a disk of its own.
  ///
  /// @param start what is on the disk before
  private Ended onDisk(Path place, long kilobytes, Path start, List<Object> command, Path to)
      throws Exception {
    Path seen = Files.createTempDirectory(folder, "seen");
    Ended ended =
        shell(
            """
            unshare -rm sh -c '
              mount -t tmpfs -o size=%dk tmpfs "%s" && cp -R "%s/." "%s" || exit 99
              %s
              status=$?
              cp -R "%s/." "%s"
              exit $status'
            """
                .formatted(kilobytes, place, start, place, java(to(command, to)), place, seen));
    assertThat(ended.status()).as(ended.said()).isNotEqualTo(99);
    return new Ended(ended.status(), ended.said(), seen);
  }

  private String java(List<Object> arguments) {
    return "\"" + String.join("\" \"", ProgramProcess.command(List.of(), arguments)) + "\"";
  }

  private Ended shell(String script) throws Exception {
    Path said = Files.createTempFile(folder, "said", ".txt");
    Process process =
        new ProcessBuilder("sh", "-c", script)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(said.toFile())
            .start();
    return new Ended(process.waitFor(), Files.readString(said), folder);
  }

  private static void done(Object... command) {
    CommandRun run = CommandRun.of(command);
    assertThat(run.status()).as(run.err()).isZero();
  }

  private Path table(String model, int seed) throws IOException {
    Path file = folder.resolve(model + seed + ".csv");
    if (!Files.exists(file)) {
      SplittableRandom random = new SplittableRandom(seed);
      StringBuilder table = new StringBuilder("model,prompt_id,prompt,category,label\n");
      for (int j = 0; j < 400; j++) {
        for (int i = 0; i < 6; i++) {
          table.append(
              "%s%d,%d,what is %d plus %d,c%d,%d%n"
                  .formatted(model, i, j, j, 3 * j, j % 2, random.nextInt(2)));
        }
      }
      Files.writeString(file, table);
    }
    return file;
  }
}
