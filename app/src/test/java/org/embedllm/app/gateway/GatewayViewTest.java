package org.embedllm.app.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import org.embedllm.app.gateway.access.KeyRing;
import org.embedllm.app.gateway.api.GatewayView;
import org.embedllm.app.gateway.observe.LiveEvent;
import org.embedllm.app.gateway.observe.LiveJson;
import org.embedllm.app.gateway.observe.LiveSubscription;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A page of others beside the API: a stream of decisions as they are made, and their summary.
class GatewayViewTest {
  private static final String KEY = KeyRing.freshKey(new SecureRandom());
  private static final String[] BEARER = {"authorization", "Bearer " + KEY};

  @TempDir private Path folder;
  private StubUpstream a;

  @BeforeEach
  void open() throws IOException {
    a = new StubUpstream("a");
  }

  @AfterEach
  void close() {
    a.close();
  }

  private Bench bench() throws IOException {
    return new Bench(
        new FakeBrain().with("a", 0.9),
        folder,
        "limits: {requestTime: 6s, shutdown: 20s}\nkeys:\n  - {name: alice, sha256: "
            + KeyRing.hash(KEY)
            + "}\nupstreams:\n  - {model: a, url: \"%s\", price: {input: 1, output: 2}}\n"
                .formatted(a.url()),
        Optional.of(GatewayViewTest::addTo));
  }

  private static void addTo(HttpRouting.Builder routing, GatewayView gateway) {
    routing.get(
        "/page/models",
        (request, response) -> {
          gateway.authenticate(request);
          String models = gateway.with(live -> String.join(",", live.brain().models()));
          response.send(models);
        });
    routing.get(
        "/page/summary",
        (request, response) ->
            response.send(LiveJson.of(gateway.feed().summary(Duration.ofHours(1))).toString()));
    routing.get("/page/live", (request, response) -> stream(request, response, gateway));
  }

  private static void stream(ServerRequest request, ServerResponse response, GatewayView gateway) {
    gateway.authenticate(request);
    response.header(HeaderValues.create(HeaderNames.CONTENT_TYPE, "text/event-stream"));
    try (LiveSubscription live = gateway.feed().subscribe();
        OutputStream out = response.outputStream()) {
      write(out, ": welcome");
      while (!live.closed()) {
        Optional<LiveEvent> event = live.next(Duration.ofMillis(50));
        write(out, event.map(e -> "data: " + LiveJson.of(e)).orElse(":"));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void write(OutputStream out, String line) throws IOException {
    out.write((line + "\n\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  private static JsonNode nextEvent(BufferedReader lines) throws IOException {
    String line = lines.readLine();
    while (line != null && !line.startsWith("data: ")) {
      line = lines.readLine();
    }
    return Bench.json(String.valueOf(line).substring("data: ".length()));
  }

  @Test
  void page_withoutKey_isAnsweredLikeTheApi() throws IOException {
    try (Bench bench = bench()) {
      HttpResponse<String> none = bench.get("/page/models");
      assertThat(none.statusCode()).isEqualTo(401);
      assertThat(Bench.json(none).at("/error/code").asString()).isEqualTo("invalid_api_key");
      assertThat(bench.get("/page/models", BEARER).body()).isEqualTo("a");
    }
  }

  @Test
  void watcher_longerThanARequestMayTake_seesDecisionsAndFeedbackUntilTheGatewayStops()
      throws Exception {
    Bench bench = bench();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<java.io.InputStream> response =
          client.send(
              HttpRequest.newBuilder(URI.create(bench.url() + "/page/live"))
                  .headers(BEARER)
                  .build(),
              HttpResponse.BodyHandlers.ofInputStream());
      try (var lines =
          new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
        assertThat(lines.readLine()).isEqualTo(": welcome");
        outlastARequest(bench);
        HttpResponse<String> answer =
            bench.post("/v1/chat/completions", Bench.chat("auto", "my secret"), BEARER);
        String id = answer.headers().firstValue("x-embedllm-decision").orElse("");
        JsonNode decided = nextEvent(lines);
        assertThat(decided.at("/decision/id").asString()).isEqualTo(id);
        assertThat(decided.at("/decision/caller").asString()).isEqualTo("alice");
        assertThat(decided.at("/decision/probability").asDouble()).isEqualTo(0.9);
        assertThat(decided.at("/decision/cost").asDouble()).isEqualTo(20e-6);
        assertThat(decided.toString()).doesNotContain("secret").doesNotContain(KEY);
        bench.post("/v1/feedback", "{\"decision\":\"" + id + "\",\"score\":1}", BEARER);
        assertThat(nextEvent(lines).toString())
            .isEqualTo("{\"event\":\"scored\",\"decision\":\"" + id + "\",\"score\":1.0}");
        JsonNode summary = Bench.json(bench.get("/page/summary"));
        assertThat(summary.path("requests").asInt()).isEqualTo(1);
        assertThat(summary.at("/calibration/outcomes").asInt()).isEqualTo(1);
        bench.close();
        assertThat(lines.lines().filter(line -> line.startsWith("data"))).isEmpty();
      }
    } finally {
      bench.close();
    }
  }

  /// Waits until a request that began now has been given up for taking too long.
  private static void outlastARequest(Bench bench) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), bench.gateway.port())) {
      socket
          .getOutputStream()
          .write("GET /healthz HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void summary_afterRestart_stillKnowsWhatTheStoreKept() throws IOException {
    try (Bench bench = bench()) {
      String id =
          bench
              .post("/v1/chat/completions", Bench.chat("auto", "q"), BEARER)
              .headers()
              .firstValue("x-embedllm-decision")
              .orElse("");
      bench.post("/v1/feedback", "{\"decision\":\"" + id + "\",\"score\":0.5}", BEARER);
    }
    try (Bench again = bench()) {
      JsonNode summary = Bench.json(again.get("/page/summary"));
      assertThat(summary.path("requests").asInt()).isEqualTo(1);
      assertThat(summary.path("cost").asDouble()).isEqualTo(20e-6);
      assertThat(summary.at("/calibration/meanScore").asDouble()).isEqualTo(0.5);
      assertThat(summary.at("/latencies").toString()).contains("overhead").contains("route");
    }
  }
}
