package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.embedllm.gateway.StubUpstream.Mood;
import org.embedllm.gateway.api.Gateway;
import org.embedllm.gateway.store.DecisionStore;
import org.embedllm.storage.BadInputException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Breakers, limits, cancelled work, shutdown and reload.
@Tag("server")
class FailoverTest {
  @TempDir private Path folder;
  private StubUpstream a;
  private StubUpstream b;
  private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();

  @BeforeEach
  void open() throws IOException {
    a = new StubUpstream("a");
    b = new StubUpstream("b");
  }

  @AfterEach
  void close() {
    clients.shutdownNow();
    a.close();
    b.close();
  }

  private static FakeForecaster forecaster() {
    return new FakeForecaster().with("a", 0.9).with("b", 0.6);
  }

  private static String model(HttpResponse<String> response) {
    return response.headers().firstValue("x-embedllm-model").orElse("");
  }

  @Test
  void circuit_repeatedFailures_opensAndUpstreamIsLeftAlone() throws IOException {
    a.mood(Mood.BROKEN);
    String yaml =
        GatewayFixture.upstreams(GatewayFixture.of(a, b))
            .replace("\"}\n  - {model: b", "\", circuit: {openDuration: 1h}}\n  - {model: b");
    try (GatewayFixture gateway = new GatewayFixture(forecaster(), folder, yaml)) {
      for (int i = 0; i < 12; i++) {
        assertThat(
                model(gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "q" + i))))
            .isEqualTo("b");
      }
      assertThat(a.calls()).isEqualTo(5);
      assertThat(upstreams(gateway, "circuit")).contains("open");
    }
  }

  /// What `/readyz` says of each upstream, in the configuration's order.
  private static List<String> upstreams(GatewayFixture gateway, String field) {
    return GatewayFixture.json(gateway.get("/readyz")).path("upstreams").findValuesAsString(field);
  }

  private String circuit(String rest) {
    return ("upstreams:\n  - {model: a, url: \"%s\", health: {interval: 0},"
            + " circuit: {slidingWindowSize: 4, minimumCalls: 2, failureRate: 1, openDuration: %s, halfOpenCalls: 1}}\n"
            + "  - {model: b, url: \"%s\"}\n")
        .formatted(a.url(), rest, b.url());
  }

  @Test
  void circuit_ownThresholds_opensSooner() throws IOException {
    a.mood(Mood.BROKEN);
    try (GatewayFixture gateway = new GatewayFixture(forecaster(), folder, circuit("1h"))) {
      for (int i = 0; i < 6; i++) {
        assertThat(
                model(gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "q" + i))))
            .isEqualTo("b");
      }
      assertThat(a.calls()).isEqualTo(2);
      HttpResponse<String> resting =
          gateway.post("/v1/chat/completions", GatewayFixture.chat("a", "q"));
      assertThat(resting.statusCode()).isEqualTo(503);
      assertThat(resting.headers().firstValue("retry-after")).contains("3600");
    }
  }

  @Test
  void circuit_upstreamIsBack_closes() throws Exception {
    a.mood(Mood.BROKEN);
    try (GatewayFixture gateway = new GatewayFixture(forecaster(), folder, circuit("100ms"))) {
      for (int i = 0; i < 2; i++) {
        gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "q" + i));
      }
      a.mood(Mood.WELL);
      Eventually.holds(() ->
          model(gateway.post("/v1/chat/completions", GatewayFixture.chat("a", "q"))).equals("a")
              && upstreams(gateway, "available").getFirst().equals("true"));
    }
  }

  @Test
  void askedToWait_by429_clientsAreToldHowLongWithoutAskingAgain() throws IOException {
    a.mood(Mood.BUSY).retryAfter("Retry-After", "7200");
    try (GatewayFixture gateway =
        new GatewayFixture(
            forecaster(), folder, GatewayFixture.upstreams(GatewayFixture.of(a, b)))) {
      for (int i = 0; i < 3; i++) {
        HttpResponse<String> named =
            gateway.post("/v1/chat/completions", GatewayFixture.chat("a", "q"));
        assertThat(named.statusCode()).isEqualTo(429);
        assertThat(GatewayFixture.json(named).at("/error/code").asString())
            .isEqualTo("upstream_busy");
        assertThat(Long.parseLong(named.headers().firstValue("retry-after").orElse("")))
            .isBetween(3_000L, 3_600L); // an hour is believed at most
      }
      assertThat(a.calls()).isEqualTo(1);
      assertThat(model(gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "q"))))
          .isEqualTo("b");
    }
    a.retryAfter("retry-after-ms", "61000");
    try (GatewayFixture gateway =
        new GatewayFixture(
            forecaster(), folder, GatewayFixture.upstreams(GatewayFixture.of(a, b)))) {
      assertThat(
              gateway
                  .post("/v1/chat/completions", GatewayFixture.chat("a", "q"))
                  .headers()
                  .firstValue("retry-after"))
          .contains("61");
    }
  }

  @Test
  void wholeAnswer_slowerThanAStreamMayBegin_isWaitedFor() throws IOException {
    a.pace(600, 1);
    String yaml =
        "upstreams:\n  - {model: a, url: \"%s\", timeouts: {firstByte: 300ms, response: 1m}}\n  - {model: b, url: \"%s\"}\n"
            .formatted(a.url(), b.url());
    try (GatewayFixture gateway = new GatewayFixture(forecaster(), folder, yaml)) {
      assertThat(model(gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "q"))))
          .isEqualTo("a");
      a.pace(60_000, 1); // not before the end of the test
      assertThat(model(gateway.post("/v1/chat/completions", GatewayFixture.streamed("auto", "q"))))
          .isEqualTo("b");
    }
  }

  @Test
  void probes_answeredWithAnError_modelIsAskedLastUntilItIsBack() throws Exception {
    a.probes(503);
    String yaml =
        "upstreams:\n  - {model: a, url: \"%s\", health: {interval: 1s}}\n  - {model: b, url: \"%s\", health: {interval: 0}}\n"
            .formatted(a.url(), b.url());
    try (GatewayFixture gateway = new GatewayFixture(forecaster(), folder, yaml)) {
      Eventually.holds(() -> upstreams(gateway, "healthy").contains("false"));
      assertThat(model(gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "q"))))
          .isEqualTo("b");
      assertThat(a.calls()).isZero();
      a.probes(200);
      Eventually.holds(() -> !upstreams(gateway, "healthy").contains("false"));
      assertThat(model(gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "q"))))
          .isEqualTo("a");
    }
  }

  @Test
  void nobodyListens_connectionRefused_nextAnswers() throws IOException {
    try (Socket taken = new Socket()) { // nobody else is given the port meanwhile
      taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      String yaml =
          "upstreams:\n  - {model: a, url: \"http://127.0.0.1:%d/v1\", health: {interval: 0}}\n  - {model: b, url: \"%s\"}\n"
              .formatted(taken.getLocalPort(), b.url());
      assertRefusedGoesOn(yaml);
    }
  }

  private void assertRefusedGoesOn(String yaml) throws IOException {
    try (GatewayFixture gateway = new GatewayFixture(forecaster(), folder, yaml)) {
      HttpResponse<String> response =
          gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "q"));
      assertThat(model(response)).isEqualTo("b");
      HttpResponse<String> named =
          gateway.post("/v1/chat/completions", GatewayFixture.chat("a", "q"));
      assertThat(named.statusCode()).isEqualTo(502);
      assertThat(GatewayFixture.json(named).at("/error/type").asString()).isEqualTo("server_error");
    }
  }

  @Test
  void placesTaken_otherCandidate_isAskedInstead() throws Exception {
    a.hold();
    String yaml =
        "upstreams:\n  - {model: a, url: \"%s\", concurrency: 1, queue: 0}\n  - {model: b, url: \"%s\"}\n"
            .formatted(a.url(), b.url());
    try (GatewayFixture gateway = new GatewayFixture(forecaster(), folder, yaml)) {
      CompletableFuture<HttpResponse<String>> first =
          CompletableFuture.supplyAsync(
              () -> gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "q")),
              clients);
      Eventually.holds(() -> a.calls() == 1);
      assertThat(model(gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "q"))))
          .isEqualTo("b");
      HttpResponse<String> named =
          gateway.post("/v1/chat/completions", GatewayFixture.chat("a", "q"));
      assertThat(named.statusCode()).isEqualTo(429);
      assertThat(named.headers().firstValue("retry-after")).isPresent();
      a.release();
      assertThat(model(first.join())).isEqualTo("a");
    }
  }

  @Test
  void gatewayFull_moreRequests_areShed() throws Exception {
    a.hold();
    String yaml =
        "limits: {maxConcurrentRequests: 2, gracePeriod: 1s}\n"
            + GatewayFixture.upstreams(GatewayFixture.of(a, b));
    try (GatewayFixture gateway = new GatewayFixture(forecaster(), folder, yaml)) {
      var under = new ArrayList<CompletableFuture<HttpResponse<String>>>();
      for (int i = 0; i < 2; i++) {
        under.add(
            CompletableFuture.supplyAsync(
                () -> gateway.post("/v1/chat/completions", GatewayFixture.chat("a", "q")),
                clients));
      }
      Eventually.holds(() -> a.calls() == 2);
      HttpResponse<String> shed =
          gateway.post("/v1/chat/completions", GatewayFixture.chat("b", "q"));
      assertThat(shed.statusCode()).isEqualTo(429);
      assertThat(GatewayFixture.json(shed).at("/error/code").asString()).isEqualTo("gateway_busy");
      a.release();
      under.forEach(f -> assertThat(f.join().statusCode()).isEqualTo(200));
    }
  }

  @Test
  void clientLeaves_beforeTheAnswer_upstreamPlaceIsFree() throws Exception {
    a.mood(Mood.HANG);
    try (GatewayFixture gateway =
        new GatewayFixture(
            forecaster(), folder, GatewayFixture.upstreams(GatewayFixture.of(a, b)))) {
      try (Socket socket = raw(gateway, GatewayFixture.chat("a", "q"))) {
        Eventually.holds(() -> a.calls() == 1);
        Eventually.holds(() -> upstreams(gateway, "active").contains("1"));
        assertThat(socket.isConnected()).isTrue();
      }
      Eventually.holds(() -> !upstreams(gateway, "active").contains("1"));
      assertThat(b.calls()).isZero();
    }
  }

  @Test
  void clientLeaves_midStream_upstreamStops() throws Exception {
    a.pace(100, 300);
    try (GatewayFixture gateway =
        new GatewayFixture(
            forecaster(), folder, GatewayFixture.upstreams(GatewayFixture.of(a, b)))) {
      try (Socket socket = raw(gateway, GatewayFixture.streamed("a", "q"))) {
        InputStream in = socket.getInputStream();
        assertThat(in.readNBytes(300)).hasSize(300);
      }
      Eventually.holds(() -> a.cancelled() == 1);
    }
  }

  private static Socket raw(GatewayFixture gateway, String body) throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), gateway.gateway.port());
    byte[] content = body.getBytes(StandardCharsets.UTF_8);
    String head =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
            + content.length
            + "\r\n\r\n";
    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().write(content);
    socket.getOutputStream().flush();
    return socket;
  }

  @Test
  void keptConnection_severalRequests_areAllServed() throws Exception {
    a.pace(400, 1); // longer than the watch waits, so that the connection is read ahead
    try (GatewayFixture gateway =
            new GatewayFixture(
                forecaster(), folder, GatewayFixture.upstreams(GatewayFixture.of(a, b)));
        Socket socket = raw(gateway, GatewayFixture.chat("a", "one"))) {
      var in = socket.getInputStream();
      for (int i = 0; i < 3; i++) {
        if (i > 0) {
          byte[] content = GatewayFixture.chat("a", "again").getBytes(StandardCharsets.UTF_8);
          socket
              .getOutputStream()
              .write(
                  ("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                          + content.length
                          + "\r\n\r\n")
                      .getBytes(StandardCharsets.US_ASCII));
          socket.getOutputStream().write(content);
        }
        var answer = new StringBuilder();
        while (!answer.toString().contains("total_tokens\":15}}")) {
          answer.append((char) in.read());
          assertThat(answer.length()).isLessThan(5_000);
        }
        assertThat(answer).contains("HTTP/1.1 200");
      }
    }
  }

  @Test
  void trickle_slowRequest_isClosed() throws Exception {
    String yaml =
        "limits: {requestTimeout: 300ms, gracePeriod: 1s}\n"
            + GatewayFixture.upstreams(GatewayFixture.of(a, b));
    try (GatewayFixture gateway = new GatewayFixture(forecaster(), folder, yaml);
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.gateway.port())) {
      socket.setSoTimeout(60_000);
      socket.getOutputStream().write("POST /v1/chat/compl".getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().flush();
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void requestTooLarge_body_isRefused() throws Exception {
    String yaml =
        "limits: {maxRequestBytes: 1KiB, gracePeriod: 1s}\n"
            + GatewayFixture.upstreams(GatewayFixture.of(a, b));
    try (GatewayFixture gateway = new GatewayFixture(forecaster(), folder, yaml)) {
      HttpResponse<String> response =
          gateway.post("/v1/chat/completions", GatewayFixture.chat("a", "x".repeat(5_000)));
      assertThat(response.statusCode()).isEqualTo(413);
    }
  }

  @Test
  void shutdown_streamUnderWay_isFinished() throws Exception {
    a.hold();
    GatewayFixture gateway =
        new GatewayFixture(
            forecaster(),
            folder,
            "limits: {gracePeriod: 1m}\n" + GatewayFixture.upstreams(GatewayFixture.of(a, b)));
    int port = gateway.gateway.port();
    CompletableFuture<HttpResponse<String>> stream =
        CompletableFuture.supplyAsync(
            () -> gateway.post("/v1/chat/completions", GatewayFixture.streamed("a", "q")), clients);
    Eventually.holds(() -> a.calls() == 1);
    CompletableFuture<Void> closing = CompletableFuture.runAsync(gateway.gateway::close, clients);
    Eventually.holds(() -> !listens(port));
    assertThat(closing).isNotDone();
    a.release();
    assertThat(GatewayFixture.events(stream.join())).hasSize(6).endsWith("[DONE]");
    closing.join();
    assertThat(gateway.forecaster.closed()).isTrue();
  }

  /** Refused, or reset where the port closed between the greeting and the answer. */
  private static boolean listens(int port) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (SocketException e) {
      return false;
    }
  }

  @Test
  void reload_newConfigurationAndModel_noRequestIsDropped() throws Exception {
    a.hold();
    FakeForecaster second = new FakeForecaster().with("a", 0.1).with("b", 0.6);
    try (GatewayFixture gateway =
        new GatewayFixture(
            forecaster(), folder, GatewayFixture.upstreams(GatewayFixture.of(a, b)))) {
      CompletableFuture<HttpResponse<String>> stream =
          CompletableFuture.supplyAsync(
              () -> gateway.post("/v1/chat/completions", GatewayFixture.streamed("auto", "q")),
              clients);
      Eventually.holds(() -> a.calls() == 1);
      gateway.gateway.reload(second);
      assertThat(gateway.forecaster.closed()).isFalse();
      assertThat(model(gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "q"))))
          .isEqualTo("b");
      a.release();
      assertThat(GatewayFixture.events(stream.join())).endsWith("[DONE]");
      Eventually.holds(gateway.forecaster::closed);
      gateway.gateway.reload(
          GatewayFixture.config(
              folder, "upstreams:\n  - {model: a, url: \"%s\"}\n".formatted(a.url())));
      assertThat(model(gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "q"))))
          .isEqualTo("a");
      assertThat(second.closed()).isFalse();
    }
    Eventually.holds(second::closed);
  }

  @Test
  void needs_toolsImagesLength_goWhereTheyAreMet() throws Exception {
    String yaml =
        "upstreams:\n  - {model: a, url: \"%s\", abilities: [], context: 200}\n  - {model: b, url: \"%s\", abilities: [tools, images]}\n"
            .formatted(a.url(), b.url());
    try (GatewayFixture gateway = new GatewayFixture(forecaster(), folder, yaml)) {
      String tools =
          "{\"model\":\"auto\",\"tools\":[{\"type\":\"function\"}],\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]}";
      assertThat(model(gateway.post("/v1/chat/completions", tools))).isEqualTo("b");
      assertThat(
              model(
                  gateway.post(
                      "/v1/chat/completions", GatewayFixture.chat("auto", "word ".repeat(400)))))
          .isEqualTo("b");
      HttpResponse<String> named =
          gateway.post("/v1/chat/completions", GatewayFixture.chat("a", "word ".repeat(400)));
      assertThat(GatewayFixture.json(named).at("/error/code").asString())
          .isEqualTo("context_length_exceeded");
      assertThat(gateway.post("/v1/route", tools).body()).contains("the request needs tools");
      String called =
          """
          {"model": "auto", "messages": [{"role": "user", "content": "q"},
            {"role": "assistant", "content": null, "tool_calls": [{"id": "1", "type": "function"}]},
            {"role": "tool", "tool_call_id": "1", "content": "12"}]}
          """;
      assertThat(model(gateway.post("/v1/chat/completions", called))).isEqualTo("b");
    }
  }

  @Test
  void listening_beyondThisMachineWithoutKeys_isRefused() throws Exception {
    var config =
        GatewayFixture.config(
            folder, "listen: 0.0.0.0:0\n" + GatewayFixture.upstreams(GatewayFixture.of(a, b)));
    assertThatThrownBy(
            () -> {
              try (var store =
                      new DecisionStore(
                          config.store(), folder.resolve("x.sqlite"), Clock.systemUTC());
                  var gateway =
                      new Gateway(
                          config,
                          forecaster(),
                          store,
                          Optional.empty(),
                          List.of(),
                          Clock.systemUTC())) {
                gateway.start();
              }
            })
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("listenWithoutKeys");
    assertThat(config.limits().gracePeriod()).isEqualTo(Duration.ofSeconds(1));
  }

  /// What it listens on does not change with the configuration, so the keys must not go with it.
  @Test
  void reload_keysGoneWhileOthersCanReachIt_isRefused() throws Exception {
    String keys = "keys: [{name: alice, sha256: %s}]\n".formatted("ab".repeat(32));
    String upstreams = GatewayFixture.upstreams(GatewayFixture.of(a, b));
    var everywhere = GatewayFixture.config(folder, "listen: 0.0.0.0:0\n" + keys + upstreams);
    try (var store =
            new DecisionStore(everywhere.store(), folder.resolve("x.sqlite"), Clock.systemUTC());
        var gateway =
            new Gateway(
                everywhere, forecaster(), store, Optional.empty(), List.of(), Clock.systemUTC())) {
      for (String listen : List.of("0.0.0.0:0", "127.0.0.1:0")) {
        var open = GatewayFixture.config(folder, "listen: " + listen + "\n" + upstreams);
        assertThatThrownBy(() -> gateway.reload(open))
            .isInstanceOf(BadInputException.class)
            .hasMessageContaining("listen 0.0.0.0: others could reach this gateway");
      }
    }
  }
}
