package org.embedllm.app.web;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.embedllm.app.fuzz.FuzzTarget;
import org.embedllm.gateway.access.KeyRing;
import org.embedllm.storage.AtomicDirectory;
import org.embedllm.storage.ShutdownTasks;

/// Bodies of requests, sent to a gateway that runs: what its endpoints do with what they read.
public final class GatewayBodies {
  private static final String KEY = "sk-admin";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /// A decision's id in a body.
  private static final String DECISION = "DECISION";

  private GatewayBodies() {}

  /// Started by the first request; ends with the process.
  private static final class Served {
    static final ServedGateway GATEWAY = start();
    static final HttpClient CLIENT = HttpClient.newHttpClient();

    private static ServedGateway start() {
      try {
        Path folder = Files.createTempDirectory("embedllm-bodies");
        ShutdownTasks.add(() -> deleted(folder));
        return new ServedGateway(
            folder,
            InventedSpace.of(6),
            """
            keys: [{name: admin, admin: true, sha256: %s}]
            """
                .formatted(KeyRing.hash(KEY)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static void deleted(Path folder) {
    try {
      AtomicDirectory.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The gateway answers any body, and never with a failure of its own.
  public static List<FuzzTarget> targets() {
    return List.of(
        target(
            "body-route",
            "/v1/route",
            """
            {"prompt": "a question of law", "models": ["fama-1b-v0", "fama-2b-v1"], "policy": "dial@0.4",
             "metadata": {"embedllm.benchmark": "law"}, "max_tokens": 5}
            """,
            """
            {"model": "fama-1b-v0", "messages": [{"role": "user", "content": "logic"}]}
            """),
        target(
            "body-feedback",
            "/v1/feedback",
            "{\"decision\": \"DECISION\", \"score\": 0.5}",
            "{\"better\": \"DECISION\", \"worse\": \"famb-2b-v1\"}"),
        target(
            "body-embeddings",
            "/v1/embeddings",
            "{\"model\": \"auto\", \"input\": [\"law\", \"logic\"], \"dimensions\": 3}",
            "{\"model\": \"invented\", \"input\": [[3923, 374], [19]], \"encoding_format\": \"base64\"}"),
        target(
            "body-keys",
            "/v1/keys",
            """
            {"name": "k", "models": ["auto"], "requestsPerMinute": 3, "tokensPerMinute": 9,
             "budget": {"usd": 5, "per": "30d"}, "expires": "2030-01-01T00:00:00Z", "admin": false,
             "metadata": {"team": "a"}}
            """),
        target(
            "body-chat",
            "/v1/chat/completions",
            """
            {"model": "auto", "messages": [{"role": "user", "content": "history"}], "stream": true,
             "stream_options": {"include_usage": true}, "max_tokens": 4}
            """));
  }

  private static FuzzTarget target(String name, String path, String... seeds) {
    return new FuzzTarget(
        name,
        (folder, bytes) -> ask(path, bytes),
        List.of(seeds).stream().map(seed -> seed.getBytes(StandardCharsets.UTF_8)).toList());
  }

  private static void ask(String path, byte[] bytes) throws IOException {
    HttpResponse<byte[]> response = send(path, withDecision(bytes));
    if (response.statusCode() == 500) {
      throw new IllegalStateException(new String(response.body(), StandardCharsets.UTF_8));
    }
  }

  /// The same bytes, with the id of a decision in the place of its name.
  private static byte[] withDecision(byte[] bytes) throws IOException {
    String body = new String(bytes, StandardCharsets.ISO_8859_1);
    if (!body.contains(DECISION)) {
      return bytes;
    }
    byte[] prompt = "{\"prompt\": \"law\"}".getBytes(StandardCharsets.UTF_8);
    String decided = new String(send("/v1/route", prompt).body(), StandardCharsets.UTF_8);
    String id = decided.replaceFirst("(?s).*?\"decision\":\"([^\"]*)\".*", "$1");
    return body.replace(DECISION, id).getBytes(StandardCharsets.ISO_8859_1);
  }

  private static HttpResponse<byte[]> send(String path, byte[] body) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(Served.GATEWAY.address().resolve(path))
            .timeout(PATIENCE)
            .header("Authorization", "Bearer " + KEY)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    try {
      return Served.CLIENT.send(request, HttpResponse.BodyHandlers.ofByteArray());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
