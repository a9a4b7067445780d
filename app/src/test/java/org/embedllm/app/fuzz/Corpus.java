package org.embedllm.app.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/// The inputs that a fuzzer kept of a target, because each takes a path of the code that no other
/// takes: `src/test/fuzz/TARGET.txt`, an input in Base64 on each line. Each build reads them, and
/// an hour of fuzzing adds to them.
final class Corpus {
  private static final Path FOLDER = Path.of("src", "test", "fuzz");
  private static final int LONGEST = 1_024; // bytes of an input that is kept
  private static final int MOST = 60; // inputs of a target, the shortest

  private Corpus() {}

  private static Path file(FuzzTarget target) {
    return FOLDER.resolve(target.name() + ".txt");
  }

  /// The seeds of a target and the kept inputs.
  static List<byte[]> of(FuzzTarget target) throws IOException {
    List<byte[]> inputs = new ArrayList<>(target.seeds());
    Path file = file(target);
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        inputs.add(Base64.getDecoder().decode(line));
      }
    }
    return inputs;
  }

  /// Writes the inputs of a target as files.
  static void unpack(FuzzTarget target, Path folder) throws IOException {
    int number = 0;
    for (byte[] input : of(target)) {
      Files.write(folder.resolve("input-" + number++), input);
    }
  }

  /// Replaces the kept inputs by the files of a folder that are short.
  ///
  /// @return how many are kept
  static int keep(FuzzTarget target, Path folder) throws IOException {
    TreeSet<String> seeds = new TreeSet<>();
    target.seeds().forEach(seed -> seeds.add(Base64.getEncoder().encodeToString(seed)));
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        byte[] input = Files.readAllBytes(file);
        if (input.length <= LONGEST && input.length > 0 && !namesThisMachine(input)) {
          lines.add(Base64.getEncoder().encodeToString(input));
        }
      }
    }
    lines.removeIf(seeds::contains);
    lines.sort((one, other) ->
        one.length() == other.length()
            ? one.compareTo(other)
            : Integer.compare(one.length(), other.length()));
    List<String> kept = lines.subList(0, Math.min(MOST, lines.size()));
    if (!kept.isEmpty()) {
      Files.createDirectories(FOLDER);
      Files.write(file(target), kept, StandardCharsets.US_ASCII);
    }
    return kept.size();
  }

  /// Jazzer tries paths below the folder in which it runs.
  private static boolean namesThisMachine(byte[] input) {
    String text = new String(input, StandardCharsets.ISO_8859_1);
    return text.contains("jazzer-trav")
        || Stream.of("user.dir", "user.home", "java.io.tmpdir")
            .map(System::getProperty)
            .anyMatch(folder -> folder.length() > 1 && text.contains(folder));
  }
}
