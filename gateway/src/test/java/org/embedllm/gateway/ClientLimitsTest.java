package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Clients that ask too much, too slowly, or in another language than HTTP.
@Tag("server")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClientLimitsTest {
  private static final String POST = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n";

  private StubUpstream a;
  private GatewayFixture gateway;

  @BeforeAll
  void open(@TempDir Path folder) throws IOException {
    a = new StubUpstream("a");
    gateway =
        new GatewayFixture(
            new FakeForecaster().with("a", 0.9),
            folder,
            "limits: {maxRequestBytes: 2KiB, maxHeaderBytes: 4KiB, requestTimeout: 6s, writeTimeout: 6s, idleTimeout: 6s, gracePeriod: 1s}\nupstreams:\n  - {model: a, url: \"%s\"}\n"
                .formatted(a.url()));
  }

  @AfterAll
  void close() {
    gateway.close();
    a.close();
  }

  private Socket connect() throws IOException {
    var socket = new Socket();
    socket.setReceiveBufferSize(4_096);
    socket.setSoTimeout(60_000);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), gateway.gateway.port()));
    return socket;
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
  }

  /// Everything until the gateway closes the connection.
  private static String rest(Socket socket) throws IOException {
    var out = new ByteArrayOutputStream();
    InputStream in = socket.getInputStream();
    try {
      for (int b = in.read(); b >= 0; b = in.read()) {
        out.write(b);
      }
    } catch (SocketException e) {
      // Closed while we were still sending: what came before counts.
      out.write(0);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private String send(String request) throws IOException {
    try (Socket socket = connect()) {
      write(socket, request);
      return rest(socket);
    }
  }

  private static void assertError(String answer, int status) {
    assertThat(answer).startsWith("HTTP/1.1 " + status);
    assertThat(answer.toLowerCase(java.util.Locale.ROOT)).contains("connection: close");
    JsonNode error =
        GatewayFixture.json(answer.substring(answer.indexOf("\r\n\r\n") + 4).replace("\0", ""));
    assertThat(error.at("/error/type").asString()).isEqualTo("invalid_request_error");
    assertThat(error.at("/error/message").asString()).isNotEmpty();
  }

  @Test
  void head_tooLarge_isAnswered431() throws IOException {
    assertError(send(POST + "X-Much: " + "x".repeat(6_000) + "\r\n\r\n"), 431);
  }

  @Test
  void path_tooLong_isAnswered414() throws IOException {
    assertError(send("GET /" + "x".repeat(6_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"), 414);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "NONSENSE\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nno colon here\r\n\r\n",
        POST + "Content-Length: minus one\r\n\r\n{}",
        "GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
      })
  void request_notHttp_isAnsweredInOurShape(String request) throws IOException {
    assertError(send(request), 400);
  }

  @Test
  void body_tooLarge_isRefusedWhetherItSaysSoOrNot() throws IOException {
    int before = a.calls();
    String big = GatewayFixture.chat("a", "x".repeat(3_000));
    assertThat(gateway.post("/v1/chat/completions", big).statusCode()).isEqualTo(413);
    String chunk = "%x\r\n%s\r\n".formatted(big.length(), big);
    String answer = send(POST + "Transfer-Encoding: chunked\r\n\r\n" + chunk + "0\r\n\r\n");
    assertError(answer, 413);
    assertError(send(POST + "Content-Length: 99999999999\r\n\r\n{"), 413);
    assertThat(a.calls()).isEqualTo(before);
  }

  @Test
  void head_trickling_isCutOff() throws Exception {
    try (Socket socket = connect()) {
      write(socket, POST);
      assertThat(trickle(socket, "X: y\r\n")).isLessThan(1_000);
    }
  }

  @Test
  void body_trickling_isCutOff() throws Exception {
    try (Socket socket = connect()) {
      int before = a.calls();
      write(socket, POST + "Content-Length: 2000\r\n\r\n{");
      assertThat(trickle(socket, " ")).isLessThan(1_000);
      assertThat(a.calls()).isEqualTo(before);
    }
  }

  /// Sends a little again and again until the connection is closed.
  ///
  /// @return how often
  private static int trickle(Socket socket, String piece) throws InterruptedException {
    int sent = 0;
    try {
      while (sent < 1_000) {
        write(socket, piece);
        sent++;
        Thread.sleep(50);
      }
    } catch (IOException e) {
      return sent;
    }
    return sent;
  }

  @Test
  void connection_idle_isClosed() throws Exception {
    try (Socket socket = connect()) {
      write(socket, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(rest(socket)).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void reader_thatDoesNotRead_isLeftAndUpstreamStops() throws Exception {
    a.pace(0, 200_000);
    String body = GatewayFixture.streamed("a", "q");
    try (Socket socket = connect()) {
      write(socket, POST + "Content-Length: " + body.length() + "\r\n\r\n" + body);
      Eventually.holds(() -> a.cancelled() == 1);
      assertThat(rest(socket)).startsWith("HTTP/1.1 200").doesNotContain("[DONE]");
    }
    Eventually.holds(() ->
        GatewayFixture.json(gateway.get("/readyz")).findValues("active").stream()
            .allMatch(active -> active.asInt() == 0));
  }
}
