package org.embedllm.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.embedllm.storage.Sha256;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Commands that write, killed at random points: what they replace is whole, old or new, and the
/// next command clears what was left behind.
class CrashTest {
  private static final int SHORTEST = 300; // milliseconds to live
  private static final int LONGEST = 2_000;

  @TempDir Path folder;

  @Test
  void writers_killedTenTimes_loseNothing() throws Exception {
    killed(10, 1);
  }

  @Test
  @Tag("slow")
  void writers_killedAHundredTimes_loseNothing() throws Exception {
    killed(100, 2);
  }

  private void killed(int rounds, long seed) throws Exception {
    Path fixed = folder.resolve("fixed");
    done("import", source("a", 1), "--to", fixed);
    Path data = folder.resolve("data");
    Path model = folder.resolve("pool.safetensors");
    Path table = folder.resolve("table.csv");
    List<Set<String>> whole = new ArrayList<>();
    for (int k = 0; k < 3; k++) {
      whole.add(Set.of(finished(k, 0, fixed), finished(k, 1, fixed)));
    }
    var random = new SplittableRandom(seed);
    for (int round = 0; round < rounds; round++) {
      int k = round % 3;
      kill(random.nextInt(SHORTEST, LONGEST), command(k, random.nextInt(2), fixed));
      assertThat(digest(data)).as("round %d", round).isIn(whole.get(0));
      assertThat(digest(model)).as("round %d", round).isIn(whole.get(1));
      assertThat(digest(table)).as("round %d", round).isIn(whole.get(2));
      // The questions beside the model are its own.
      done("plan", model, "--budget", 2);
    }
    for (int k = 0; k < 3; k++) {
      finished(k, 0, fixed);
    }
    try (Stream<Path> entries = Files.list(folder)) {
      assertThat(entries.map(path -> path.getFileName().toString()))
          .noneMatch(name -> name.startsWith("."));
    }
  }

  /// Import, train and export, each in two variants.
  private List<Object> command(int kind, int variant, Path fixed) throws IOException {
    return switch (kind) {
      case 0 -> List.of("import", source("b", variant), "--to", folder.resolve("data"), "--force");
      case 1 ->
          List.of(
              "train",
              fixed,
              "--encoder",
              "text-features",
              "--seed",
              variant,
              "--to",
              folder.resolve("pool.safetensors"));
      default ->
          List.of(
              "export",
              fixed,
              "--what",
              variant == 0 ? "matrix" : "responses",
              "--to",
              folder.resolve("table.csv"));
    };
  }

  /// The digest of what a command writes that ends by itself.
  private String finished(int kind, int variant, Path fixed) throws IOException {
    done(command(kind, variant, fixed).toArray());
    return digest(folder.resolve(List.of("data", "pool.safetensors", "table.csv").get(kind)));
  }

  private static void done(Object... command) {
    CommandRun run = CommandRun.of(command);
    assertThat(run.status()).as(run.err()).isZero();
  }

  private void kill(int milliseconds, List<Object> arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Dembedllm.plain-kernels=true",
                "-cp",
                System.getProperty("java.class.path"),
                "org.embedllm.app.Main"));
    arguments.forEach(argument -> command.add(argument.toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("said.txt").toFile())
            .start();
    if (!process.waitFor(milliseconds, TimeUnit.MILLISECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }

  private Path source(String name, int seed) throws IOException {
    Path file = folder.resolve(name + seed + ".csv");
    if (!Files.exists(file)) {
      var random = new SplittableRandom(seed);
      StringBuilder table = new StringBuilder("model,prompt_id,prompt,category,label\n");
      for (int j = 0; j < 60; j++) {
        for (int i = 0; i < 4; i++) {
          table.append(
              "m%d,%d,what is %d plus %d,c%d,%d%n"
                  .formatted(i, j, j, 3 * j, j % 2, random.nextInt(2)));
        }
      }
      Files.writeString(file, table);
    }
    return file;
  }

  /// Of a file, or of all files of a folder but the vectors, which an import keeps.
  private static String digest(Path path) throws IOException {
    TreeMap<String, String> files = new TreeMap<>();
    try (Stream<Path> tree = Files.walk(path)) {
      for (Path file : tree.filter(Files::isRegularFile).toList()) {
        files.put(path.relativize(file).toString(), Sha256.of(file));
      }
    }
    files.keySet().removeIf(name -> name.startsWith("vectors"));
    return Sha256.of(files.toString());
  }
}
