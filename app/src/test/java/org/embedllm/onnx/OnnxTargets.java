package org.embedllm.onnx;

import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.app.fuzz.AnsweringServer;
import org.embedllm.app.fuzz.FuzzTarget;

/// What servers of vectors answer, and vocabularies in the cache.
public final class OnnxTargets {
  private static final Retry ONCE = new Retry(1, Duration.ZERO, Duration.ZERO, pause -> {});

  private OnnxTargets() {}

  private static final class Client {
    static final HttpClient HTTP = HttpClient.newHttpClient();
  }

  public static List<FuzzTarget> all() throws IOException {
    return List.of(
        FuzzTarget.ofTexts(
            "vectors-answer",
            (folder, bytes) -> asked(bytes),
            "{\"data\": [{\"index\": 0, \"embedding\": [0.5, -1, 2e-3]}]}",
            "{\"data\": [{\"embedding\": [1]}], \"model\": \"m\", \"usage\": {\"total_tokens\": 1}}"),
        new FuzzTarget("pieces", OnnxTargets::pieces, List.of(vocabulary())));
  }

  private static void asked(byte[] answer) throws IOException {
    AnsweringServer.answering(
        answer,
        base -> {
          try (EndpointEncoder encoder =
              new EndpointEncoder(new Endpoint(base, "m"), Optional.of("key"), Client.HTTP, ONCE)) {
            encoder.encode(List.of("one"));
          }
        });
  }

  private static byte[] vocabulary() throws IOException {
    Map<String, Integer> pieces =
        Map.of("[UNK]", 0, "[CLS]", 1, "[SEP]", 2, "what", 3, "##ive", 4, "a", 5);
    Map<String, Integer> special = Map.of("[UNK]", 0, "[CLS]", 1, "[SEP]", 2);
    Path file = Files.createTempFile("pieces", "");
    PieceFile.write(file, new WordPieceVocabulary(PieceTable.of(pieces), special, 1, 2, 0));
    byte[] bytes = Files.readAllBytes(file);
    Files.delete(file);
    return bytes;
  }

  /// The checksum of the file is made right: it would stop nearly all changes.
  private static void pieces(Path folder, byte[] bytes) throws IOException {
    byte[] file = bytes.clone();
    if (file.length >= Long.BYTES + Integer.BYTES) {
      ByteBuffer.wrap(file)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putInt(Long.BYTES, PieceFile.checksum(file));
    }
    Optional<WordPieceVocabulary> read =
        PieceFile.read(Files.write(folder.resolve("pieces"), file));
    if (read.isPresent()) {
      TextTokenizer none =
          new LazyTokenizer(() -> {
            throw new IllegalStateException("the text has no rare characters");
          });
      new WordPieceTokenizer(read.get(), none).tokenize("what is a native [SEP] relative", 64);
    }
  }
}
