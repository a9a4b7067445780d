package org.embedllm.question;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.embedllm.correctness.Question;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The cache of text vectors that all data sets share, and the checksum of vector files.
class VectorCacheTest {
  @TempDir private Path folder;

  private static List<Question> questions(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(j -> new Question("q" + j, "text number " + j, ""))
        .toList();
  }

  private VectorStore store(String dataset) {
    return VectorStore.ofDataset(folder.resolve(dataset), Optional.of(folder.resolve("cache")));
  }

  @Test
  void texts_ofAnotherDataset_areNotEncodedAgain() throws IOException {
    CountingEncoder first = new CountingEncoder("tiny", "d1");
    store("a").encode(questions(0, 700), first, progress -> {});
    CountingEncoder second = new CountingEncoder("tiny", "d1");

    EncodedQuestions encoded = store("b").encode(questions(600, 800), second, progress -> {});

    assertThat(second.asked).hasSize(100);
    assertThat(encoded.summary().reused()).isEqualTo(100);
    for (int j = 0; j < 200; j++) {
      assertThat(encoded.vectors().vectors().row(j))
          .containsExactly(CountingEncoder.vector("text number " + (600 + j)));
    }
    // The data set is whole without the cache.
    assertThat(
            VectorStore.ofDataset(folder.resolve("b")).find(questions(600, 800), second.identity()))
        .isPresent();
    CountingEncoder other = new CountingEncoder("tiny", "d2");
    store("c").encode(questions(0, 10), other, progress -> {});
    assertThat(other.asked).hasSize(10);
  }

  @Test
  void cache_aboveItsBound_losesWhatWasNotUsedForLongest() throws IOException {
    CountingEncoder encoder = new CountingEncoder("tiny", "d1");
    Path cache = folder.resolve("bounded");
    VectorStore.ofCache(cache).encode(questions(0, 100), encoder, progress -> {});
    long one = size(cache);
    VectorStore bounded = VectorStore.ofCache(cache, 2 * one + one / 2);
    for (int round = 1; round <= 5; round++) {
      age(cache);
      bounded.encode(questions(100 * round, 100 * round + 100), encoder, progress -> {});
    }

    assertThat(size(cache)).isBetween(one, 2 * one + one / 2);
    assertThat(bounded.find(questions(500, 600), encoder.identity())).isPresent();
    assertThat(bounded.find(questions(0, 1), encoder.identity())).isEmpty();
  }

  private static List<Path> regularFiles(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  private static long size(Path folder) throws IOException {
    long bytes = 0;
    for (Path file : regularFiles(folder)) {
      bytes += Files.size(file);
    }
    return bytes;
  }

  /// As if a minute had passed.
  private static void age(Path folder) throws IOException {
    for (Path file : regularFiles(folder)) {
      FileTime used = Files.getLastModifiedTime(file);
      Files.setLastModifiedTime(file, FileTime.fromMillis(used.toMillis() - 60_000));
    }
  }

  @Test
  void cacheFile_thatIsDamaged_isMadeAgain() throws IOException {
    CountingEncoder encoder = new CountingEncoder("tiny", "d1");
    store("a").encode(questions(0, 10), encoder, progress -> {});
    for (Path file : regularFiles(folder.resolve("cache"))) {
      flip(file, Files.size(file) - 5);
    }

    EncodedQuestions encoded = store("b").encode(questions(0, 10), encoder, progress -> {});

    assertThat(encoded.summary().encoded()).isEqualTo(10);
    assertThat(store("c").encode(questions(0, 10), encoder, progress -> {}).summary())
        .extracting(EncodingSummary::encoded)
        .isEqualTo(0);
  }

  private static void flip(Path file, long position) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[(int) position] ^= 4;
    Files.write(file, bytes);
  }

  @Test
  void vectorFile_withAnyByteAltered_isRefused() throws IOException {
    CountingEncoder encoder = new CountingEncoder("tiny", "d1");
    List<Question> questions = questions(0, 3);
    VectorStore store = VectorStore.ofDataset(folder);
    store.encode(questions, encoder, progress -> {});
    Path file = folder.resolve("vectors").resolve("tiny.safetensors");
    byte[] sound = Files.readAllBytes(file);
    for (int at = sound.length - 150; at < sound.length; at++) {
      byte[] altered = sound.clone();
      altered[at] ^= 1;
      Files.write(file, altered);
      assertThatThrownBy(() -> store.find(questions, encoder.identity()))
          .as("byte %d", at)
          .isInstanceOf(BadInputException.class)
          .hasMessageStartingWith(file.toString())
          .hasMessageContaining("delete it and run embedllm encode again");
    }
    Files.write(file, sound);
    assertThat(store.find(questions, encoder.identity())).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "3"})
  void vectorFile_thatSaysAnotherVersion_isRefused(String version) throws IOException {
    EncoderIdentity encoder = new EncoderIdentity("e", "d", 2, 0);
    List<Question> questions = questions(0, 2);
    VectorStore store = VectorStore.ofDataset(folder);
    store.attach(questions, FloatMatrix.copyOf(2, 2, new float[] {1, 2, 3, 4}), encoder);
    Path file = folder.resolve("vectors").resolve("e.safetensors");
    String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
    Files.writeString(
        file,
        bytes.replace("\"version\":\"2\"", "\"version\":\"" + version + "\""),
        StandardCharsets.ISO_8859_1);

    assertThatThrownBy(() -> store.find(questions, encoder))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(
            version.equals("1") ? "does not match its checksum" : "has vectors of version \"3\"");
  }

  @Test
  void vectorFile_ofTheFirstVersion_isReadAndANaNNamed() throws IOException {
    EncoderIdentity encoder = new EncoderIdentity("old", "d", 2, 0);
    List<Question> questions = questions(0, 2);
    Path file = folder.resolve("vectors").resolve("old.safetensors");
    Files.createDirectories(file.getParent());
    for (float last : new float[] {4, Float.NaN}) {
      java.nio.ByteBuffer digests = java.nio.ByteBuffer.allocate(2 * TextDigest.BYTES);
      questions.forEach(q -> TextDigest.of(q.text()).write(digests));
      new org.embedllm.tensor.Safetensors.Writer()
          .metadata("format", "embedllm-vectors")
          .metadata("version", "1")
          .metadata("encoder", "old")
          .metadata("encoder_digest", "d")
          .metadata("dimension", "2")
          .metadata("max_tokens", "0")
          .metadata("key", "text")
          .add("vectors", FloatMatrix.copyOf(2, 2, new float[] {1, 2, 3, last}))
          .ints("tokens", new int[2], 2)
          .bytes("text_sha256", digests.array(), 2, TextDigest.BYTES)
          .write(file);
      VectorStore store = VectorStore.ofDataset(folder);
      if (Float.isNaN(last)) {
        assertThatThrownBy(() -> store.find(questions, encoder))
            .isInstanceOf(BadInputException.class)
            .hasMessageStartingWith(file.toString())
            .hasMessageContaining("row 1 of vectors holds NaN");
      } else {
        assertThat(store.find(questions, encoder).orElseThrow().vectors().row(1))
            .containsExactly(3, 4);
      }
    }
  }
}
