package org.embedllm.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.embedllm.question.QuestionEncoder;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("encoder")
class BundledEncoderTest {
  /// Unpacked once for all tests.
  static EncoderSettings settings() {
    return new EncoderSettings(
        EncoderSettings.of(Map.of()).threads(), Path.of("target", "encoder-cache"), Map.of());
  }

  private static QuestionEncoder opened(String name, int threads) {
    return Encoders.open(name, settings().withThreads(threads));
  }

  @Nested
  class DefaultEncoder extends EncoderContract {
    @Override
    QuestionEncoder encoder(int threads) {
      return opened("minilm-l6", threads);
    }

    @Test
    void length_ofAVector_isOne() {
      try (QuestionEncoder encoder = encoder(1)) {
        assertUnitLength(encoder.encode(List.of("What is a monad?")).row(0));
        assertThat(encoder.tokenCount("word ".repeat(700))).isEqualTo(702);
        assertThat(encoder.identity().maxTokens()).isEqualTo(256);
      }
    }
  }

  @Nested
  class QuantizedEncoder extends EncoderContract {
    @Override
    QuestionEncoder encoder(int threads) {
      return opened("minilm-l6-q", threads);
    }
  }

  @Nested
  class QuantizedBge extends EncoderContract {
    @Override
    QuestionEncoder encoder(int threads) {
      return opened("bge-small-q", threads);
    }
  }

  @Test
  void fast_isTheQuantizedEncoderOfTheFirst128Tokens() {
    String most = "word ".repeat(126);
    try (QuestionEncoder fast = opened("minilm-l6-fast", 1);
        QuestionEncoder quantized = opened("minilm-l6-q", 1)) {
      assertThat(fast.identity().maxTokens()).isEqualTo(128);
      assertThat(fast.identity().digest()).isNotEqualTo(quantized.identity().digest());
      assertThat(fast.encode(List.of(most + "and more")))
          .isEqualTo(quantized.encode(List.of(most)));
      assertThat(quantized.encode(List.of(most + "and more")))
          .isNotEqualTo(quantized.encode(List.of(most)));
    }
  }

  @Test
  void close_whileTextsAreEncoded_waitsForThem() throws Exception {
    List<String> text = List.of("What is a monad? " + "word ".repeat(200));
    QuestionEncoder encoder = opened("minilm-l6-q", 1);
    FloatMatrix expected = encoder.encode(text);
    var encoded = new CountDownLatch(4);
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<IllegalStateException>> ended = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        ended.add(
            threads.submit(() -> {
              try {
                while (true) {
                  assertThat(encoder.encode(text)).isEqualTo(expected);
                  encoded.countDown();
                }
              } catch (IllegalStateException e) {
                return e;
              }
            }));
      }
      encoded.await();
      encoder.close();
      for (Future<IllegalStateException> end : ended) {
        assertThat(end.get()).hasMessageContaining("closed");
      }
    }
  }

  @Test
  void graph_damagedInTheCache_isReadFromTheJarAndMadeAnew(@TempDir Path cache) throws IOException {
    EncoderSettings settings = new EncoderSettings(1, cache, Map.of());
    List<String> text = List.of("What is a monad?");
    FloatMatrix expected;
    try (QuestionEncoder encoder = Encoders.open("minilm-l6-q", settings)) {
      expected = encoder.encode(text);
    }
    Path graph = onlyGraph(cache);
    byte[] whole = Files.readAllBytes(graph);
    Files.write(graph, new byte[0]);
    for (int opening = 0; opening < 2; opening++) {
      try (QuestionEncoder encoder = Encoders.open("minilm-l6-q", settings)) {
        assertThat(encoder.encode(text)).isEqualTo(expected);
      }
    }
    assertThat(onlyGraph(cache)).hasBinaryContent(whole);
  }

  @Test
  void fileOfTheCache_thatWasAltered_isMadeAgain(@TempDir Path cache) throws IOException {
    EncoderSettings settings = new EncoderSettings(1, cache, Map.of());
    List<String> text = List.of("What is a monad?");
    FloatMatrix expected;
    try (QuestionEncoder encoder = Encoders.open("minilm-l6-q", settings)) {
      expected = encoder.encode(text);
    }
    Path weights = onlyGraph(cache).resolveSibling("weights.bin");
    byte[] whole = Files.readAllBytes(weights);
    byte[] altered = whole.clone();
    for (int at = 0; at < altered.length; at += 997) {
      altered[at] ^= 1;
    }
    Files.write(weights, altered);

    try (QuestionEncoder encoder = Encoders.open("minilm-l6-q", settings)) {
      assertThat(encoder.encode(text)).isEqualTo(expected);
    }
    assertThat(Files.readAllBytes(weights)).isEqualTo(whole);
  }

  @Test
  void nativeLibrary_thatWasAltered_isUnpackedAgain(@TempDir Path cache) throws IOException {
    Path folder = NativeLibraries.unpackedRuntime(cache).orElseThrow();
    Path library = folder.resolve(System.mapLibraryName("onnxruntime4j_jni"));
    byte[] whole = Files.readAllBytes(library);
    byte[] altered = whole.clone();
    altered[altered.length / 2] ^= 1;
    Files.write(library, altered);

    assertThat(NativeLibraries.unpackedRuntime(cache)).contains(folder);
    assertThat(Files.readAllBytes(library)).isEqualTo(whole);
  }

  private static Path onlyGraph(Path cache) throws IOException {
    try (Stream<Path> files = Files.walk(cache)) {
      return files.filter(file -> file.endsWith("graph.onnx")).findFirst().orElseThrow();
    }
  }

  @Test
  void name_unknown_listsTheKnownOnes() {
    assertThatThrownBy(() -> Encoders.open("minilm", settings()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("minilm-l6, minilm-l6-q, minilm-l6-fast, bge-small, bge-small-q");
  }
}
