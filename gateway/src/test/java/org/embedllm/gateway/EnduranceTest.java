package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.embedllm.gateway.config.StoreConfig;
import org.embedllm.gateway.observe.DecisionRecord;
import org.embedllm.gateway.store.DecisionStore;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The gateway's process under kills and under too much at once.
@Tag("slow")
@Tag("process")
class EnduranceTest {
  private static final int KILLS = 100;

  @Test
  void process_killed100TimesUnderLoad_losesNothingAcknowledged(@TempDir Path folder)
      throws Exception {
    Path model = TestArtifacts.write(folder.resolve("pool.safetensors"), List.of("a"));
    Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
    var random = new Random(0);
    try (var stub = new StubUpstream("a")) {
      String yaml =
          "upstreams:\n  - {model: a, health: {interval: 0}, url: \"%s\"}\n".formatted(stub.url());
      for (int i = 0; i < KILLS; i++) {
        int before = acknowledged.size();
        try (ServeProcess process = ServeProcess.start(model, yaml);
            ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
          for (int c = 0; c < 4; c++) {
            clients.execute(() -> use(process, acknowledged));
          }
          Eventually.holds(() -> acknowledged.size() > before);
          Thread.sleep(random.nextInt(300));
          process.kill();
        }
      }
    }
    Map<String, Double> scores = new HashMap<>();
    try (var store =
        new DecisionStore(
            StoreConfig.DEFAULT,
            folder.resolve("pool.safetensors.decisions.sqlite"),
            Clock.systemUTC())) {
      for (DecisionRecord record : store.recent(1_000_000)) {
        record.score().ifPresent(score -> scores.put(record.id(), score));
      }
    }
    assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(KILLS);
    assertThat(scores.keySet()).containsAll(acknowledged);
  }

  /// Asks and gives feedback until the process is gone.
  private static void use(ServeProcess process, Queue<String> acknowledged) {
    try {
      while (true) {
        HttpResponse<String> answer =
            process.post("/chat/completions", GatewayFixture.chat("a", "q"));
        String decision =
            answer
                .headers()
                .firstValue("x-embedllm-decision")
                .orElseThrow(() -> new AssertionError(answer.statusCode() + answer.body()));
        HttpResponse<String> kept =
            process.post("/feedback", "{\"decision\":\"%s\",\"score\":1}".formatted(decision));
        if (kept.statusCode() == 200) {
          acknowledged.add(decision);
        }
      }
    } catch (UncheckedIOException | IllegalStateException gone) {
      return;
    }
  }

  @Test
  void bodies_tooManyAtOnceForTheMemory_get429AndNoNeighborIsReset(@TempDir Path folder)
      throws Exception {
    Path model = TestArtifacts.write(folder.resolve("pool.safetensors"), List.of("a"));
    byte[] body = large(18 << 20);
    try (var upstream = new Drain();
        ServeProcess process =
            ServeProcess.start(
                model,
                "upstreams:\n  - {model: a, health: {interval: 0}, abilities: [images], url: \"%s\"}\n"
                    .formatted(upstream.url()),
                List.of("-Xmx512m"));
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> answers = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        answers.add(threads.submit(() -> status(client, process, body)));
      }
      for (int i = 0; i < 50; i++) {
        assertThat(
                process.post("/chat/completions", GatewayFixture.chat("a", "small")).statusCode())
            .isEqualTo(200);
      }
      List<Integer> statuses = new ArrayList<>();
      for (Future<Integer> answer : answers) {
        statuses.add(answer.get());
      }
      assertThat(statuses).containsOnly(200, 429).contains(429);
      assertThat(process.terminate()).isTrue();
      assertThat(process.log()).noneMatch(line -> line.contains("OutOfMemory"));
    }
  }

  private static int status(HttpClient client, ServeProcess process, byte[] body)
      throws IOException, InterruptedException {
    return client
        .send(
            HttpRequest.newBuilder(URI.create(process.url() + "/chat/completions"))
                .timeout(Duration.ofMinutes(2))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .statusCode();
  }

  /// A request with one image of so many bytes.
  private static byte[] large(int bytes) {
    char[] image = new char[bytes];
    Arrays.fill(image, 'A');
    return "{\"model\":\"a\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,%s\"}}]}]}"
        .formatted(new String(image))
        .getBytes(StandardCharsets.UTF_8);
  }

  /// An upstream that keeps nothing of what it gets.
  private static final class Drain implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    Drain() throws IOException {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 200);
      server.setExecutor(threads);
      byte[] answer =
          "{\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"ok\"},\"finish_reason\":\"stop\"}]}"
              .getBytes(StandardCharsets.UTF_8);
      server.createContext(
          "/",
          e -> {
            e.getRequestBody().transferTo(OutputStream.nullOutputStream());
            e.sendResponseHeaders(200, answer.length);
            e.getResponseBody().write(answer);
            e.close();
          });
      server.start();
    }

    String url() {
      return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
    }

    @Override
    public void close() {
      server.stop(0);
      threads.shutdownNow();
    }
  }
}
