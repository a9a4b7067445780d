package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.embedllm.gateway.upstream.ScriptedServer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A stop: load balancers notice first, then the port closes, then long streams are told.
@Tag("server")
class ShutdownTest {
  private static final String CHUNK =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]}\n\n";

  private static ScriptedServer endless() throws IOException {
    return new ScriptedServer((n, out) -> {
      ScriptedServer.write(out, "HTTP/1.1 200 OK\r\n\r\n");
      for (int i = 0; i < 1_000; i++) {
        ScriptedServer.write(out, CHUNK);
        try {
          Thread.sleep(50);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
      return false;
    });
  }

  @Test
  void stop_readinessTurnsFirst_andALongStreamEndsWithAnEvent(@TempDir Path folder)
      throws Exception {
    try (ScriptedServer upstream = endless();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      String yaml =
          "limits:\n  gracePeriod: 2s\n  drain: 5s\nupstreams:\n  - {model: a, health: {interval: 0}, url: \"http://127.0.0.1:%d/v1\"}\n"
              .formatted(upstream.port());
      var gateway = new GatewayFixture(new FakeForecaster().with("a", 0.9), folder, yaml);
      CompletableFuture<HttpResponse<String>> stream =
          CompletableFuture.supplyAsync(
              () -> gateway.post("/v1/chat/completions", GatewayFixture.streamed("a", "hi")),
              threads);
      Eventually.holds(() -> upstream.requests() == 1);
      CompletableFuture<Void> stopped = CompletableFuture.runAsync(gateway.gateway::close, threads);
      var ready = new AtomicReference<>(gateway.get("/readyz"));
      Eventually.holds(() -> {
        ready.set(gateway.get("/readyz"));
        return ready.get().statusCode() == 503;
      });
      assertThat(GatewayFixture.json(ready.get()).path("status").asString()).isEqualTo("stopping");
      assertThat(gateway.get("/v1/models").statusCode()).isEqualTo(200);
      String last = GatewayFixture.events(stream.join()).getLast();
      assertThat(GatewayFixture.json(last).at("/error/code").asString())
          .isEqualTo("upstream_stopped");
      stopped.join();
    }
  }
}
