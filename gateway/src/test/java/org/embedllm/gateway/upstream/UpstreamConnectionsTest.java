package org.embedllm.gateway.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.core5.http.HttpHost;
import org.embedllm.gateway.Eventually;
import org.embedllm.gateway.config.ConfigReader;
import org.embedllm.gateway.openai.RequestBody;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/// What happens to connections: kept, found closed, cut, refused.
///
/// Alone in its process: the proxy's settings are the whole process's, and other clients obey them.
@Isolated
class UpstreamConnectionsTest {
  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir private Path folder;
  private UpstreamConnections connections;

  @BeforeEach
  void open() throws GeneralSecurityException {
    connections = new UpstreamConnections(SSLContext.getDefault());
  }

  @AfterEach
  void close() {
    connections.close();
  }

  private static Target target(String scheme, String host, int port) {
    return new Target(
        new HttpHost(scheme, host, port),
        "%s://%s:%d/v1".formatted(scheme, host, port),
        "",
        Duration.ofMinutes(1),
        List.of());
  }

  private String get(ScriptedServer server) throws IOException {
    return get(connections, target("http", "127.0.0.1", server.port()));
  }

  private static String get(UpstreamConnections connections, Target target) throws IOException {
    var request = new HttpGet(target.uri("/models"));
    try (Exchange exchange = connections.open(target, request)) {
      return exchange.status() + new String(exchange.bytes(1_000), StandardCharsets.UTF_8);
    }
  }

  private static boolean say(java.io.OutputStream out, String text) throws IOException {
    ScriptedServer.write(out, text);
    return true;
  }

  @Test
  void answers_readToTheirEnd_shareOneConnection() throws IOException {
    try (var server = new ScriptedServer((n, out) -> say(out, ScriptedServer.json("{}")))) {
      for (int i = 0; i < 5; i++) {
        assertThat(get(server)).isEqualTo("200{}");
      }
      assertThat(server.connections()).isEqualTo(1);
      connections.tidy();
      assertThat(get(server)).isEqualTo("200{}");
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void keptConnections_closedByTheServer_areReplaced() throws Exception {
    try (var server = new ScriptedServer((n, out) -> say(out, ScriptedServer.json("{}")))) {
      Target target = target("http", "127.0.0.1", server.port());
      var first = connections.open(target, new HttpGet(target.uri("/a")));
      var second = connections.open(target, new HttpGet(target.uri("/b")));
      assertThat(first.bytes(10)).hasSize(2);
      assertThat(second.bytes(10)).hasSize(2);
      server.closeConnections();
      assertThat(get(server)).isEqualTo("200{}");
      assertThat(server.connections()).isEqualTo(3);
    }
  }

  @Test
  void freshConnection_closedWithoutAnAnswer_isNotAskedAgain() throws IOException {
    try (var server = new ScriptedServer((n, out) -> false)) {
      assertThatThrownBy(() -> get(server)).isInstanceOf(IOException.class);
      assertThat(server.requests()).isEqualTo(1);
    }
  }

  @Test
  void informationalAnswers_beforeTheRealOne_arePassedOver() throws IOException {
    String early = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    try (var server = new ScriptedServer((n, out) -> say(out, early + ScriptedServer.json("{}")))) {
      assertThat(get(server)).isEqualTo("200{}");
    }
  }

  @Test
  void body_withoutLength_endsWithTheConnection() throws IOException {
    try (var server =
        new ScriptedServer((n, out) -> !say(out, "HTTP/1.0 200 OK\r\n\r\n{\"a\":1}"))) {
      assertThat(get(server)).isEqualTo("200{\"a\":1}");
      assertThat(get(server)).isEqualTo("200{\"a\":1}");
      assertThat(server.connections()).isEqualTo(2);
    }
  }

  @Test
  void body_longerThanAllowed_isRefused() throws IOException {
    String chunk = "3e8\r\n" + "x".repeat(1_000) + "\r\n";
    try (var counted =
            new ScriptedServer((n, out) -> say(out, ScriptedServer.json("x".repeat(1_001))));
        var chunked =
            new ScriptedServer((n, out) ->
                say(
                    out,
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk + chunk))) {
      assertThatThrownBy(() -> get(counted)).hasMessageContaining("more than 1,000 bytes");
      assertThatThrownBy(() -> get(chunked)).hasMessageContaining("more than 1,000 bytes");
    }
  }

  @Test
  void body_cutShort_isNotTakenForWhole() throws IOException {
    String head = "HTTP/1.1 200 OK\r\n";
    try (var counted =
            new ScriptedServer((n, out) -> !say(out, head + "Content-Length: 50\r\n\r\n{}"));
        var chunked =
            new ScriptedServer(
                (n, out) -> !say(out, head + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"))) {
      assertThatThrownBy(() -> get(counted)).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> get(chunked)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void answer_notHttp_fails() throws IOException {
    try (var server = new ScriptedServer((n, out) -> !say(out, "220 mail.example.org ESMTP\r\n"))) {
      assertThatThrownBy(() -> get(server)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void redirects_areNotFollowed() throws IOException {
    String away =
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n";
    try (var server = new ScriptedServer((n, out) -> say(out, away))) {
      assertThat(get(server)).isEqualTo("302");
    }
  }

  @Test
  void exchange_closedBeforeItsEnd_cutsTheConnection() throws Exception {
    String head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n";
    try (var server = new ScriptedServer((n, out) -> say(out, head))) {
      Target target = target("http", "127.0.0.1", server.port());
      try (Exchange exchange = connections.open(target, new HttpGet(target.uri("/a")))) {
        assertThat(exchange.body().read()).isEqualTo('{');
      }
      Eventually.holds(() -> server.closedByClient() == 1);
    }
  }

  @Test
  void proxy_ofTheEnvironment_isNotUsed() throws IOException {
    int nobody;
    try (var socket = new ServerSocket(0)) {
      nobody = socket.getLocalPort();
    }
    System.setProperty("http.proxyHost", "127.0.0.1");
    System.setProperty("http.proxyPort", Integer.toString(nobody));
    System.setProperty("http.nonProxyHosts", "");
    try (var server = new ScriptedServer((n, out) -> say(out, ScriptedServer.json("{}")))) {
      assertThat(get(server)).isEqualTo("200{}");
    } finally {
      System.clearProperty("http.proxyHost");
      System.clearProperty("http.proxyPort");
      System.clearProperty("http.nonProxyHosts");
    }
  }

  @Test
  @Tag("process")
  void tls_certificate_mustBeTrustedAndOfThisName() throws Exception {
    KeyStore keys = selfSigned();
    var manager = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    manager.init(keys, PASSWORD);
    var serving = SSLContext.getInstance("TLS");
    serving.init(manager.getKeyManagers(), null, null);
    var trusting = SSLContext.getInstance("TLS");
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(keys);
    trusting.init(null, trust.getTrustManagers(), null);
    try (var server =
            new ScriptedServer(
                serving.getServerSocketFactory(), (n, out) -> say(out, ScriptedServer.json("{}")));
        var trusted = new UpstreamConnections(trusting)) {
      Target named = target("https", "localhost", server.port());
      assertThat(get(trusted, named)).isEqualTo("200{}");
      assertThatThrownBy(() -> get(connections, named)).isInstanceOf(IOException.class);
      Target other = target("https", "127.0.0.1", server.port());
      assertThatThrownBy(() -> get(trusted, other)).isInstanceOf(IOException.class);
    }
  }

  private KeyStore selfSigned() throws Exception {
    Path file = folder.resolve("keys.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "localhost",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost",
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                new String(PASSWORD))
            .redirectErrorStream(true)
            .start();
    keytool.getInputStream().readAllBytes();
    assertThat(keytool.waitFor()).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      keys.load(in, PASSWORD);
    }
    // Also as an entry that is trusted.
    keys.setCertificateEntry("trusted", keys.getCertificate("localhost"));
    return keys;
  }

  @Test
  void stream_readToItsEnd_leavesItsConnectionToTheNext() throws Exception {
    String event = "data: {\"choices\":[]}\n\n";
    String done = "data: [DONE]\n\n";
    String answer =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n"
                .formatted(event.length(), event, done.length(), done);
    Path yaml = folder.resolve("gateway.yaml");
    try (var server = new ScriptedServer((n, out) -> say(out, answer));
        var client = new UpstreamClient(SSLContext.getDefault(), Clock.systemUTC())) {
      Files.writeString(
          yaml,
          "upstreams:\n  - {model: a, url: \"http://127.0.0.1:%d/v1\"}\n".formatted(server.port()));
      var upstream = new Upstream(new ConfigReader(Map.of()).read(yaml).upstreams().getFirst());
      var body =
          RequestBody.parse(
              "{\"model\":\"a\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]}"
                  .getBytes(StandardCharsets.UTF_8));
      var call = new Call("/chat/completions", body, Optional.empty(), Map.of(), false);
      for (int i = 0; i < 3; i++) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        var answered = (Answer.Events) client.send(upstream, call, new CallGuard(), deadline);
        try (EventStream stream = answered.stream()) {
          assertThat(stream.next()).isPresent();
          assertThat(stream.next()).isEqualTo(Optional.empty());
        }
      }
      assertThat(server.connections()).isEqualTo(1);
      assertThat(server.requests()).isEqualTo(3);
    }
  }
}
