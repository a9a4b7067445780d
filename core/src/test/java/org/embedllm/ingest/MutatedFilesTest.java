package org.embedllm.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.embedllm.dataset.DatasetDirectory;
import org.embedllm.question.VectorFile;
import org.embedllm.source.ImportOptions;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.Safetensors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Readers of files, given files with random faults: a result, or an error for the user. Anything
/// else that a reader throws fails the test and shows the bytes.
class MutatedFilesTest {
  private static final int ROUNDS = 60; // of each reader, in every build

  /// `mvn -Pslow -Dembedllm.fuzz.minutes=60` tries for an hour.
  private static final Duration LONG =
      Duration.ofMinutes(Integer.getInteger("embedllm.fuzz.minutes", 1));

  private static final List<String> TOKENS =
      List.of("\"", ",", "{", "}", "[", "NaN", "-1", "1e999", "\r", "\n\n", "\0", "é", "null");

  @TempDir Path folder;

  /// Reads a file.
  @FunctionalInterface
  private interface Reader {
    void read(Path file) throws IOException;
  }

  private record Target(String name, Supplier<byte[]> seed, Reader reader) {
    Target(String name, byte[] seed, Reader reader) {
      this(name, seed::clone, reader);
    }

    Target(String name, String seed, Reader reader) {
      this(name, seed.getBytes(StandardCharsets.UTF_8), reader);
    }
  }

  private List<Target> targets() throws IOException {
    String rows =
        Sources.HEADER + "1,0,0,1,\"What, is\n\"\"this\"\"?\",alpha,logic\n2,0,0,0,two,beta,law\n";
    String lines =
        """
        {"prompt": "one", "model": "a", "score": 0.5, "category": {"name": "c"}}
        {"prompt": [{"role": "user", "content": "two"}], "model": "b", "score": 1}
        """;
    String inspect =
        """
        {"version": 2, "eval": {"task": "t", "model": "m"}, "samples": [
         {"id": 1, "epoch": 1, "input": "q", "target": "a", "scores": {"match": {"value": "C"}}}]}
        """;
    Path table = Sources.write(folder.resolve("seed.csv"), rows);
    Path data = folder.resolve("seed-data");
    DatasetDirectory.write(Sources.read(table), data, true);
    return List.of(
        new Target("t.csv", rows, Sources::read),
        new Target("t.csv.gz", gzip(rows), Sources::read),
        new Target("t.jsonl", lines, Sources::read),
        new Target("log.json", inspect, Sources::read),
        new Target(
            "samples_arc_2025-01-01T00-00-00.000000.jsonl",
            """
            {"doc_id": 0, "doc": {"question": "q"}, "target": "1", "acc": 1.0, "filter": "none"}
            {"doc_id": 1, "doc": {"question": "r"}, "target": "0", "acc": 0.0, "filter": "none"}
            """,
            Sources::read),
        new Target("v.npy", npy(), VectorFile::read),
        new Target(
            "v.safetensors",
            Files.readAllBytes(data.resolve("responses.safetensors")),
            MutatedFilesTest::tensors),
        inDataset(data, "questions.csv"),
        inDataset(data, "responses.safetensors"),
        inDataset(data, "dataset.json"));
  }

  private static void tensors(Path file) throws IOException {
    Safetensors.open(file).ints("model_index");
  }

  /// A data set of which one file has faults.
  private Target inDataset(Path data, String name) throws IOException {
    return new Target(
        "in " + name,
        Files.readAllBytes(data.resolve(name)),
        file -> {
          Path copy = Files.createDirectories(folder.resolve("copy"));
          try (Stream<Path> files = Files.list(data)) {
            for (Path other : files.toList()) {
              Files.write(copy.resolve(other.getFileName()), Files.readAllBytes(other));
            }
          }
          Files.write(copy.resolve(name), Files.readAllBytes(file));
          Sources.read(ImportOptions.DEFAULT, copy);
        });
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  private static byte[] npy() {
    String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }";
    String padded = header + " ".repeat(117 - header.length()) + "\n";
    byte[] file = new byte[10 + padded.length() + 16];
    byte[] magic = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) padded.length(), 0};
    System.arraycopy(magic, 0, file, 0, magic.length);
    byte[] text = padded.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(text, 0, file, magic.length, text.length);
    return file;
  }

  @Test
  void readers_ofMutatedFiles_giveAResultOrAnErrorForTheUser() throws IOException {
    for (Target target : targets()) {
      SplittableRandom random = new SplittableRandom(target.name().hashCode());
      for (int round = 0; round < ROUNDS; round++) {
        tryOne(target, random);
      }
    }
  }

  @Test
  @Tag("slow")
  void readers_ofMutatedFilesForLong_giveAResultOrAnErrorForTheUser() throws IOException {
    List<Target> targets = targets();
    SplittableRandom random = new SplittableRandom();
    long end = System.nanoTime() + LONG.toNanos();
    long tried = 0;
    while (System.nanoTime() < end) {
      tryOne(targets.get((int) (tried++ % targets.size())), random);
    }
    assertThat(tried).isPositive();
  }

  private void tryOne(Target target, SplittableRandom random) throws IOException {
    byte[] mutated = target.seed().get();
    for (int faults = 1 + random.nextInt(3); faults > 0; faults--) {
      mutated = mutated(mutated, random);
    }
    Path file = Files.write(folder.resolve(target.name().replace(' ', '-')), mutated);
    try {
      target.reader().read(file);
    } catch (BadInputException | IOException e) {
      assertThat(e.getMessage()).as(target.name()).isNotBlank();
    } catch (RuntimeException | Error e) {
      throw new AssertionError(
          "%s with the bytes %s".formatted(target.name(), HexFormat.of().formatHex(mutated)), e);
    }
  }

  private static byte[] mutated(byte[] bytes, SplittableRandom random) {
    if (bytes.length == 0) {
      return bytes;
    }
    int at = random.nextInt(bytes.length);
    int length = 1 + random.nextInt(Math.min(16, bytes.length - at));
    return switch (random.nextInt(6)) {
      case 0 -> {
        byte[] flipped = bytes.clone();
        flipped[at] ^= (byte) (1 << random.nextInt(8));
        yield flipped;
      }
      case 1 -> Arrays.copyOf(bytes, at);
      case 2 -> joined(bytes, at, new byte[0], at + length);
      case 3 -> joined(bytes, at, Arrays.copyOfRange(bytes, at, at + length), at);
      case 4 -> {
        byte[] more = new byte[length];
        random.nextBytes(more);
        yield joined(bytes, at, more, at);
      }
      default ->
          joined(
              bytes,
              at,
              TOKENS.get(random.nextInt(TOKENS.size())).getBytes(StandardCharsets.UTF_8),
              at + random.nextInt(2));
    };
  }

  /// The bytes before one place, others, and the bytes from another place on.
  private static byte[] joined(byte[] bytes, int before, byte[] middle, int from) {
    List<byte[]> parts = new ArrayList<>();
    parts.add(Arrays.copyOf(bytes, before));
    parts.add(middle);
    parts.add(Arrays.copyOfRange(bytes, Math.min(from, bytes.length), bytes.length));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    parts.forEach(out::writeBytes);
    return out.toByteArray();
  }
}
