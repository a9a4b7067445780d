package org.embedllm.onnx;

import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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

  public static List<FuzzTarget> all() {
    return List.of(
        FuzzTarget.ofTexts(
            "vectors-answer",
            (folder, bytes) -> asked(bytes),
            "{\"data\": [{\"index\": 0, \"embedding\": [0.5, -1, 2e-3]}]}",
            "{\"data\": [{\"embedding\": [1]}], \"model\": \"m\", \"usage\": {\"total_tokens\": 1}}"),
        FuzzTarget.ofTexts(
            "pieces",
            (folder, bytes) -> pieces(Files.write(folder.resolve("pieces"), bytes)),
            "embedllm pieces 2 1 2 0 3 0\n0 [UNK]\n1 [CLS]\n2 [SEP]\n[UNK]\n[CLS]\n[SEP]\nwhat\n##ive"));
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

  /// The checksum of the file is made right: it would stop nearly all changes.
  private static void pieces(Path file) throws IOException {
    String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    int end = text.indexOf('\n') < 0 ? text.length() : text.indexOf('\n');
    int last = text.lastIndexOf(' ', end);
    if (last > 0 && last < end) {
      String head = text.substring(0, last);
      String rest = text.substring(end);
      Files.writeString(file, head + " " + PieceFile.checksum(head + rest) + rest);
    }
    PieceFile.read(file);
  }
}
