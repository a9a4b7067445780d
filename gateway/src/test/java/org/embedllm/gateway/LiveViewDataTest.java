package org.embedllm.gateway;

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
import org.embedllm.gateway.access.KeyRing;
import org.embedllm.gateway.api.GatewayView;
import org.embedllm.gateway.observe.LiveEvent;
import org.embedllm.gateway.observe.LiveJson;
import org.embedllm.gateway.observe.LiveSubscription;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A page of others beside the API: a stream of decisions as they are made, and their summary.
@Tag("server")
class LiveViewDataTest {
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

  private GatewayFixture gateway() throws IOException {
    return new GatewayFixture(
        new FakeForecaster().with("a", 0.9),
        folder,
        "limits: {requestTimeout: 6s, gracePeriod: 20s}\nkeys:\n  - {name: alice, sha256: "
            + KeyRing.hash(KEY)
            + "}\nupstreams:\n  - {model: a, url: \"%s\", price: {input: 1, output: 2}}\n"
                .formatted(a.url()),
        Optional.of(LiveViewDataTest::addTo));
  }

  private static void addTo(HttpRouting.Builder routing, GatewayView gateway) {
    routing.get(
        "/page/models",
        (request, response) -> {
          gateway.authenticate(request);
          String models = gateway.with(live -> String.join(",", live.forecaster().models()));
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
    return GatewayFixture.json(String.valueOf(line).substring("data: ".length()));
  }

  @Test
  void page_withoutKey_isAnsweredLikeTheApi() throws IOException {
    try (GatewayFixture gateway = gateway()) {
      HttpResponse<String> none = gateway.get("/page/models");
      assertThat(none.statusCode()).isEqualTo(401);
      assertThat(GatewayFixture.json(none).at("/error/code").asString())
          .isEqualTo("invalid_api_key");
      assertThat(gateway.get("/page/models", BEARER).body()).isEqualTo("a");
    }
  }

  @Test
  void watcher_longerThanARequestMayTake_seesDecisionsAndFeedbackUntilTheGatewayStops()
      throws Exception {
    GatewayFixture gateway = gateway();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<java.io.InputStream> response =
          client.send(
              HttpRequest.newBuilder(URI.create(gateway.url() + "/page/live"))
                  .headers(BEARER)
                  .build(),
              HttpResponse.BodyHandlers.ofInputStream());
      try (var lines =
          new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
        assertThat(lines.readLine()).isEqualTo(": welcome");
        outlastARequest(gateway);
        HttpResponse<String> answer =
            gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "my secret"), BEARER);
        String id = answer.headers().firstValue("x-embedllm-decision").orElse("");
        JsonNode decided = nextEvent(lines);
        assertThat(decided.at("/decision/id").asString()).isEqualTo(id);
        assertThat(decided.at("/decision/caller").asString()).isEqualTo("alice");
        assertThat(decided.at("/decision/probability").asDouble()).isEqualTo(0.9);
        assertThat(decided.at("/decision/cost").asDouble()).isEqualTo(20e-6);
        assertThat(decided.toString()).doesNotContain("secret").doesNotContain(KEY);
        gateway.post("/v1/feedback", "{\"decision\":\"" + id + "\",\"score\":1}", BEARER);
        assertThat(nextEvent(lines))
            .isEqualTo(
                GatewayFixture.json(
                    "{\"event\":\"scored\",\"decision\":\"%s\",\"score\":1.0}".formatted(id)));
        JsonNode summary = GatewayFixture.json(gateway.get("/page/summary"));
        assertThat(summary.path("requests").asInt()).isEqualTo(1);
        assertThat(summary.at("/calibration/outcomes").asInt()).isEqualTo(1);
        gateway.close();
        assertThat(lines.lines().filter(line -> line.startsWith("data"))).isEmpty();
      }
    } finally {
      gateway.close();
    }
  }

  /// Waits until a request that began now has been given up for taking too long.
  private static void outlastARequest(GatewayFixture gateway) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), gateway.gateway.port())) {
      socket
          .getOutputStream()
          .write("GET /healthz HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void summary_afterRestart_stillKnowsWhatTheStoreKept() throws IOException {
    try (GatewayFixture gateway = gateway()) {
      String id =
          gateway
              .post("/v1/chat/completions", GatewayFixture.chat("auto", "q"), BEARER)
              .headers()
              .firstValue("x-embedllm-decision")
              .orElse("");
      gateway.post("/v1/feedback", "{\"decision\":\"" + id + "\",\"score\":0.5}", BEARER);
    }
    try (GatewayFixture again = gateway()) {
      JsonNode summary = GatewayFixture.json(again.get("/page/summary"));
      assertThat(summary.path("requests").asInt()).isEqualTo(1);
      assertThat(summary.path("cost").asDouble()).isEqualTo(20e-6);
      assertThat(summary.at("/calibration/meanScore").asDouble()).isEqualTo(0.5);
      assertThat(summary.at("/latencies").toString()).contains("overhead").contains("route");
    }
  }
}
