package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;
import org.embedllm.gateway.access.KeyRing;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Requests byte by byte, as browsers, proxies and load balancers send them.
@Tag("server")
class HttpProtocolTest {
  private static final String KEYS =
      "keys:\n  - {name: alice, sha256: %s}\n".formatted(KeyRing.hash("ek-alice"));

  @TempDir private Path folder;
  private StubUpstream upstream;

  @BeforeEach
  void open() throws IOException {
    upstream = new StubUpstream("a");
  }

  @AfterEach
  void close() {
    upstream.close();
  }

  private GatewayFixture gateway(String more) throws IOException {
    return new GatewayFixture(
        new FakeForecaster().with("a", 0.9),
        folder,
        more + "upstreams:\n  - {model: a, url: \"%s\"}\n".formatted(upstream.url()));
  }

  /// All that comes until the server closes the connection.
  private static String sent(GatewayFixture gateway, byte[] request) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), gateway.gateway.port())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request);
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String sent(GatewayFixture gateway, String... lines) throws IOException {
    return sent(
        gateway, (String.join("\r\n", lines) + "\r\n\r\n").getBytes(StandardCharsets.UTF_8));
  }

  private static String chat(GatewayFixture gateway, String... headers) throws IOException {
    String body = GatewayFixture.chat("a", "hi");
    return sent(
        gateway,
        ("POST /v1/chat/completions HTTP/1.1\r\nConnection: close\r\nContent-Length: "
                + body.length()
                + "\r\n"
                + String.join("\r\n", headers)
                + "\r\n\r\n"
                + body)
            .getBytes(StandardCharsets.UTF_8));
  }

  private static String status(String answer) {
    return answer.substring(9, 12);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/models", "/metrics", "/readyz", "/v1/nothing"})
  void keyless_foreignHost_isRefusedOnEveryPath(String path) throws IOException {
    try (GatewayFixture gateway = gateway("")) {
      String[] lines = {"GET " + path + " HTTP/1.1", "Host: evil.example:80", "Connection: close"};
      assertThat(status(sent(gateway, lines))).isEqualTo("403");
    }
  }

  @Test
  void keyless_healthz_isAlwaysOpen() throws IOException {
    try (GatewayFixture gateway = gateway("")) {
      assertThat(
              status(
                  sent(
                      gateway, "GET /healthz HTTP/1.1", "Host: evil.example", "Connection: close")))
          .isEqualTo("200");
    }
  }

  @Test
  void keyless_pagesOfOtherSites_spendNothing() throws IOException {
    try (GatewayFixture gateway = gateway("")) {
      String own = "Host: 127.0.0.1:" + gateway.gateway.port();
      assertThat(status(chat(gateway, own, "Origin: https://evil.example"))).isEqualTo("403");
      assertThat(status(chat(gateway, own, "Sec-Fetch-Site: cross-site"))).isEqualTo("403");
      assertThat(status(chat(gateway, own, "Origin: null"))).isEqualTo("403");
      assertThat(upstream.calls()).isZero();
      String same = "Origin: http://127.0.0.1:" + gateway.gateway.port();
      assertThat(status(chat(gateway, own, same, "Sec-Fetch-Site: same-origin"))).isEqualTo("200");
      assertThat(status(chat(gateway, own))).isEqualTo("200");
    }
  }

  @Test
  void withKeys_foreignHost_isServed() throws IOException {
    try (GatewayFixture gateway = gateway(KEYS)) {
      assertThat(status(chat(gateway, "Host: gateway.example", "Authorization: Bearer ek-alice")))
          .isEqualTo("200");
    }
  }

  @Test
  void cors_namedOrigin_mayAskAndReadTheHeaders() throws IOException {
    try (GatewayFixture gateway = gateway("cors: {origins: [https://app.example]}\n")) {
      String own = "Host: 127.0.0.1:" + gateway.gateway.port();
      String origin = "Origin: https://app.example";
      String preflight =
          sent(
              gateway,
              "OPTIONS /v1/chat/completions HTTP/1.1",
              own,
              origin,
              "Access-Control-Request-Method: POST",
              "Access-Control-Request-Headers: authorization,content-type",
              "Connection: close");
      assertThat(status(preflight)).isEqualTo("204");
      assertThat(preflight)
          .containsIgnoringCase("access-control-allow-origin: https://app.example")
          .containsIgnoringCase("access-control-allow-headers: authorization,content-type");
      String answer = chat(gateway, own, origin, "Sec-Fetch-Site: cross-site");
      assertThat(status(answer)).isEqualTo("200");
      assertThat(answer)
          .containsIgnoringCase("access-control-allow-origin: https://app.example")
          .containsIgnoringCase("access-control-expose-headers");
      String other =
          sent(
              gateway,
              "OPTIONS /v1/chat/completions HTTP/1.1",
              own,
              "Origin: https://other.example",
              "Access-Control-Request-Method: POST",
              "Connection: close");
      assertThat(status(other)).isEqualTo("403");
    }
  }

  @Test
  void head_whereGetIs_hasTheHeadersAlone() throws IOException {
    try (GatewayFixture gateway = gateway("")) {
      for (String path : new String[] {"/healthz", "/v1/models", "/openapi.json"}) {
        String answer =
            sent(gateway, "HEAD " + path + " HTTP/1.1", "Host: localhost", "Connection: close");
        assertThat(status(answer)).as(path).isEqualTo("200");
        assertThat(answer).as(path).endsWith("\r\n\r\n");
      }
    }
  }

  @Test
  void http10_isAnsweredAndClosed() throws IOException {
    try (GatewayFixture gateway = gateway("")) {
      assertThat(sent(gateway, "GET /healthz HTTP/1.0"))
          .contains(" 200 ")
          .containsIgnoringCase("connection: close")
          .endsWith("{\"status\":\"ok\"}");
      String body = GatewayFixture.chat("a", "hi");
      String post =
          "POST /v1/chat/completions HTTP/1.0\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s"
              .formatted(body.length(), body);
      assertThat(status(sent(gateway, post.getBytes(StandardCharsets.UTF_8)))).isEqualTo("200");
    }
  }

  @Test
  void http10_stream_isNotChunkedAndEndsWithTheConnection() throws IOException {
    try (GatewayFixture gateway = gateway("")) {
      String body = GatewayFixture.streamed("a", "hi");
      String post =
          "POST /v1/chat/completions HTTP/1.0\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s"
              .formatted(body.length(), body);

      String answer = sent(gateway, post.getBytes(StandardCharsets.UTF_8));

      assertThat(answer)
          .doesNotContainIgnoringCase("\r\ntransfer-encoding:")
          .containsIgnoringCase("\r\nconnection: close\r\n")
          .endsWith("\n\ndata: [DONE]\n\n");
      String events = answer.substring(answer.indexOf("\r\n\r\n") + 4);
      assertThat(events.lines().filter(line -> !line.isBlank()))
          .isNotEmpty()
          .allMatch(line -> line.startsWith("data: "));
    }
  }

  @Test
  void connectionClose_isSaidAndDone() throws IOException {
    try (GatewayFixture gateway = gateway("")) {
      assertThat(sent(gateway, "GET /v1/models HTTP/1.1", "Host: localhost", "Connection: close"))
          .containsIgnoringCase("\r\nconnection: close\r\n");
      assertThat(sent(gateway, "GET /nothing HTTP/1.1", "Host: localhost", "Connection: close"))
          .containsIgnoringCase("\r\nconnection: close\r\n");
    }
  }

  private static byte[] gzip(String text) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  private static byte[] post(String encoding, byte[] body) throws IOException {
    var bytes = new ByteArrayOutputStream();
    bytes.write(
        ("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + "Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n"
                    .formatted(encoding, body.length))
            .getBytes(StandardCharsets.UTF_8));
    bytes.write(body);
    return bytes.toByteArray();
  }

  @Test
  void gzipBody_isReadWithinItsLimit() throws IOException {
    try (GatewayFixture gateway = gateway("limits: {maxRequestBytes: 64KiB, gracePeriod: 1s}\n")) {
      assertThat(status(sent(gateway, post("gzip", gzip(GatewayFixture.chat("a", "hi"))))))
          .isEqualTo("200");
      assertThat(
              status(
                  sent(gateway, post("gzip", gzip(GatewayFixture.chat("a", "x".repeat(1 << 20)))))))
          .isEqualTo("413");
      assertThat(status(sent(gateway, post("gzip", "not gzip".getBytes(StandardCharsets.UTF_8)))))
          .isEqualTo("400");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"GZIP", "gzip", "X-Gzip", "Gzip "})
  void gzipBody_byAnyCaseOfItsName_isRead(String name) throws IOException {
    try (GatewayFixture gateway = gateway("")) {
      assertThat(status(sent(gateway, post(name, gzip(GatewayFixture.chat("a", "hi"))))))
          .isEqualTo("200");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"br", "zstd", "BR", "deflate", "snappy", "gzip, br", "gzip, gzip"})
  void encodedBody_byAnotherName_isAnswered415(String name) throws IOException {
    try (GatewayFixture gateway = gateway("")) {
      String answer = sent(gateway, post(name, gzip(GatewayFixture.chat("a", "hi"))));
      assertThat(status(answer)).isEqualTo("415");
      assertThat(answer)
          .contains("unsupported_encoding", "content-encoding " + name.toLowerCase(Locale.ROOT));
      assertThat(upstream.calls()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Connection: keep-alive", "CONNECTION: Keep-Alive, x", "Keep-Alive: 5"})
  void http10_thatWouldKeepTheConnection_isAnsweredOnceAndClosed(String header) throws IOException {
    try (GatewayFixture gateway = gateway("")) {
      String request = "GET /healthz HTTP/1.0\r\n" + header + "\r\nHost: localhost\r\n\r\n";
      String answers = sent(gateway, (request + request).getBytes(StandardCharsets.UTF_8));
      assertThat(status(answers)).isEqualTo("200");
      assertThat(answers)
          .containsIgnoringCase("\r\nconnection: close\r\n")
          .endsWith("\r\n\r\n{\"status\":\"ok\"}");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"99999999999", "x", "-1"})
  void length_wrongOrTooLarge_isToldInTheShapeOfThePathWithAnId(String length) throws IOException {
    try (GatewayFixture gateway = gateway("")) {
      String head = " HTTP/1.1\r\nHost: localhost\r\nx-request-id: mine-1\r\nContent-Length: ";
      for (String path : List.of("/v1/messages", "/v1/messages/count_tokens")) {
        String answer =
            sent(
                gateway,
                ("POST " + path + head + length + "\r\n\r\n{").getBytes(StandardCharsets.UTF_8));
        assertThat(status(answer)).isEqualTo(length.startsWith("9") ? "413" : "400");
        assertThat(body(answer).path("type").asString()).isEqualTo("error");
        assertThat(body(answer).at("/error/type").isString()).isTrue();
        assertThat(answer).containsIgnoringCase("\r\nx-request-id: mine-1\r\n");
      }
      String answer =
          sent(
              gateway,
              ("POST /v1/chat/completions" + head + length + "\r\n\r\n{")
                  .getBytes(StandardCharsets.UTF_8));
      assertThat(body(answer).has("type")).isFalse();
      assertThat(body(answer).at("/error/message").isString()).isTrue();
      assertThat(answer).containsIgnoringCase("\r\nx-request-id: mine-1\r\n");
    }
  }

  private static JsonNode body(String answer) {
    return GatewayFixture.json(answer.substring(answer.indexOf("\r\n\r\n") + 4));
  }

  @Test
  void bodies_tooManyBytesTogether_get429() throws Exception {
    try (GatewayFixture gateway =
        gateway("limits: {maxTotalRequestBytes: 1MiB, gracePeriod: 1s}\n")) {
      // The short body may be counted before the long one, which is then the refused one: so a
      // new long body for each attempt.
      Eventually.holds(() -> {
        try (var _ = unfinishedBody(gateway, 900_000)) {
          Thread.sleep(20);
          return status(sent(gateway, post("identity", new byte[200_000]))).equals("429");
        }
      });
    }
  }

  /// A request that announces a body and sends one byte of it.
  private static Socket unfinishedBody(GatewayFixture gateway, int bytes) throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), gateway.gateway.port());
    socket
        .getOutputStream()
        .write(
            "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n{"
                .formatted(bytes)
                .getBytes(StandardCharsets.UTF_8));
    return socket;
  }

  @Test
  void models_withASlashBehind_isTheList() throws IOException {
    try (GatewayFixture gateway = gateway("")) {
      assertThat(GatewayFixture.json(gateway.get("/v1/models/")).path("object").asString())
          .isEqualTo("list");
    }
  }

  @Test
  void requestId_ofTheClient_isReturned() throws IOException {
    try (GatewayFixture gateway = gateway("")) {
      assertThat(
              gateway
                  .get("/v1/models", "x-request-id", "mine-1")
                  .headers()
                  .firstValue("x-request-id"))
          .contains("mine-1");
      assertThat(gateway.get("/v1/models").headers().firstValue("x-request-id").orElse(""))
          .startsWith("req-");
    }
  }

  @Test
  void readyz_withKeys_showsNobodyElseTheUpstreams() throws IOException {
    try (GatewayFixture gateway = gateway(KEYS)) {
      assertThat(GatewayFixture.json(gateway.get("/readyz")).path("upstreams").isEmpty()).isTrue();
      assertThat(
              GatewayFixture.json(gateway.get("/readyz", "authorization", "Bearer ek-alice"))
                  .at("/upstreams/0/model")
                  .asString())
          .isEqualTo("a");
      assertThat(
              GatewayFixture.json(gateway.get("/readyz", "x-api-key", "ek-alice"))
                  .at("/upstreams/0/model")
                  .asString())
          .isEqualTo("a");
    }
  }
}
