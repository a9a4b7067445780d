package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.embedllm.storage.BadInputException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The gateway over TLS, with certificates made for the test; clients verify them.
@Tag("server")
@Tag("process")
class TlsTest {
  private static final char[] PASSWORD = "password".toCharArray();

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

  /// A key pair with a certificate for this machine, signed by itself.
  private KeyStore pair(String name, String algorithm) throws Exception {
    Path store = folder.resolve(name + ".p12");
    String program = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    List<String> what = List.of("-genkeypair", "-alias", "gateway", "-keyalg", algorithm);
    List<String> whose = List.of("-dname", "CN=gateway", "-validity", "2");
    List<String> where = List.of("-storetype", "PKCS12", "-keystore", store.toString());
    List<String> names = List.of("-ext", "san=ip:127.0.0.1,dns:localhost");
    var command = new java.util.ArrayList<>(List.of(program));
    List.of(what, whose, names, where, List.of("-storepass", new String(PASSWORD)))
        .forEach(command::addAll);
    Process keytool =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(keytool.exitValue()).isZero();
    return KeyStore.getInstance(store.toFile(), PASSWORD);
  }

  private void writeCertificate(KeyStore pair) throws IOException, GeneralSecurityException {
    Files.writeString(
        folder.resolve("chain.pem"),
        pem("CERTIFICATE", pair.getCertificate("gateway").getEncoded()));
  }

  private void writeKey(KeyStore pair) throws IOException, GeneralSecurityException {
    Files.writeString(
        folder.resolve("key.pem"),
        pem("PRIVATE KEY", pair.getKey("gateway", PASSWORD).getEncoded()));
  }

  private static String pem(String what, byte[] der) {
    String text =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(der);
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(what, text, what);
  }

  private GatewayFixture gateway() throws IOException {
    return new GatewayFixture(
        new FakeForecaster().with("a", 0.9),
        folder,
        "tls: {certificate: chain.pem, key: key.pem}\nupstreams:\n  - {model: a, url: \"%s\"}\n"
            .formatted(a.url()));
  }

  private static SSLContext trusting(Certificate certificate) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("gateway", certificate);
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), new SecureRandom());
    return context;
  }

  private static HttpRequest request(String url, String body) {
    return HttpRequest.newBuilder(URI.create(url + "/v1/chat/completions"))
        .timeout(Duration.ofMinutes(1))
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC", "Ed25519"})
  void client_thatVerifies_isServedPlainAndStreamed(String algorithm) throws Exception {
    KeyStore pair = pair("good", algorithm);
    writeCertificate(pair);
    writeKey(pair);
    try (GatewayFixture gateway = gateway();
        HttpClient client =
            HttpClient.newBuilder().sslContext(trusting(pair.getCertificate("gateway"))).build()) {
      for (String host : List.of("127.0.0.1", "localhost")) {
        HttpResponse<String> answer =
            client.send(
                request(gateway.url().replace("127.0.0.1", host), GatewayFixture.chat("auto", "q")),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("x-embedllm-model")).contains("a");
        assertThat(answer.sslSession().orElseThrow().getProtocol()).isEqualTo("TLSv1.3");
      }
      HttpResponse<String> stream =
          client.send(
              request(gateway.url(), GatewayFixture.streamed("auto", "q")),
              HttpResponse.BodyHandlers.ofString());
      assertThat(GatewayFixture.events(stream)).hasSize(6).endsWith("[DONE]");
    }
  }

  @Test
  void serve_withCertificate_speaksTlsAndSaysSo(@TempDir Path elsewhere) throws Exception {
    KeyStore pair = pair("good", "EC");
    writeCertificate(pair);
    writeKey(pair);
    Path model = TestArtifacts.write(elsewhere.resolve("pool.safetensors"), List.of("a", "b"));
    String yaml =
        "tls: {certificate: %s, key: %s}\nupstreams:\n  - {model: a, url: \"%s\"}\n"
            .formatted(folder.resolve("chain.pem"), folder.resolve("key.pem"), a.url());
    try (ServeProcess gateway = ServeProcess.start(model, yaml);
        HttpClient client =
            HttpClient.newBuilder().sslContext(trusting(pair.getCertificate("gateway"))).build()) {
      assertThat(gateway.url()).startsWith("https://127.0.0.1:").endsWith("/v1");
      HttpResponse<String> answer =
          client.send(
              request(gateway.url().replace("/v1", ""), GatewayFixture.chat("auto", "q")),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("x-embedllm-model")).contains("a");
      assertThat(gateway.terminate()).isTrue();
    }
  }

  @Test
  void client_thatDoesNotKnowTheCertificate_refuses() throws Exception {
    KeyStore pair = pair("good", "EC");
    writeCertificate(pair);
    writeKey(pair);
    try (GatewayFixture gateway = gateway();
        HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request = request(gateway.url(), GatewayFixture.chat("auto", "q"));
      assertThatThrownBy(() -> client.send(request, HttpResponse.BodyHandlers.ofString()))
          .isInstanceOf(SSLHandshakeException.class);
      assertThat(a.calls()).isZero();
      // Plain HTTP on the port of TLS is not answered in plain.
      try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), gateway.gateway.port())) {
        plain.setSoTimeout(60_000);
        plain
            .getOutputStream()
            .write(
                "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
        byte[] answer = plain.getInputStream().readNBytes(5);
        assertThat(new String(answer, StandardCharsets.US_ASCII)).doesNotStartWith("HTTP");
      }
    }
  }

  @Test
  void client_leavesMidStream_upstreamStops() throws Exception {
    KeyStore pair = pair("good", "EC");
    writeCertificate(pair);
    writeKey(pair);
    a.pace(100, 300);
    try (GatewayFixture gateway = gateway()) {
      byte[] body = GatewayFixture.streamed("a", "q").getBytes(StandardCharsets.UTF_8);
      try (SSLSocket socket =
          (SSLSocket)
              trusting(pair.getCertificate("gateway"))
                  .getSocketFactory()
                  .createSocket(InetAddress.getLoopbackAddress(), gateway.gateway.port())) {
        OutputStream out = socket.getOutputStream();
        String head =
            "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
                .formatted(body.length);
        out.write(head.getBytes(StandardCharsets.US_ASCII));
        out.write(body);
        out.flush();
        assertThat(socket.getInputStream().readNBytes(300)).hasSize(300);
      }
      Eventually.holds(() -> a.cancelled() == 1);
    }
  }

  private void assertRefused(String... said) {
    assertThatThrownBy(() -> gateway().close())
        .isInstanceOf(BadInputException.class)
        .hasMessageContainingAll(said);
  }

  @Test
  void files_thatDoNotFit_areNamedAtTheStart() throws Exception {
    writeCertificate(pair("one", "EC"));
    writeKey(pair("two", "EC"));
    assertRefused("key.pem", "is not the key of the first certificate in", "chain.pem");
    writeKey(pair("three", "RSA"));
    assertRefused("is not the key of the first certificate in");
    Files.writeString(folder.resolve("key.pem"), "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n");
    assertRefused("openssl pkcs8 -topk8 -nocrypt");

    // The end of the first line is the start of the last one.
    Files.writeString(
        folder.resolve("key.pem"), "-----BEGIN PRIVATE KEY-----END PRIVATE KEY-----\n");
    assertRefused("openssl pkcs8 -topk8 -nocrypt");
    Files.writeString(folder.resolve("chain.pem"), "nothing");
    assertRefused("chain.pem");
    Files.delete(folder.resolve("key.pem"));
    assertRefused("tls.key names a file that cannot be read");
  }
}
