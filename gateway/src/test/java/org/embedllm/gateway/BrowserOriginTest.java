package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A real browser with a page of another origin.
@Tag("server")
@Tag("slow")
@Tag("browser")
class BrowserOriginTest {
  private static final String PAGE =
      """
      <html><body><p id="out">waiting</p><script>
      const out = document.getElementById("out");
      fetch("%s/v1/chat/completions", {
        method: "POST",
        headers: { "content-type": "application/json", "authorization": "Bearer any" },
        body: JSON.stringify({ model: "a", messages: [{ role: "user", content: "hi" }] }),
      }).then(async (r) => {
        const answer = await r.json();
        out.textContent = answer.choices[0].message.content + " by " + r.headers.get("x-embedllm-model");
      }).catch((e) => { out.textContent = "refused"; });
      </script></body></html>
      """;

  private static final List<Path> BROWSERS =
      List.of(Path.of("/usr/bin/chromium-headless-shell"), Path.of("/usr/bin/chromium"));

  @TempDir private Path folder;
  private HttpServer site;
  private volatile String page = "";

  @BeforeEach
  void open() throws IOException {
    Assumptions.assumeTrue(
        BROWSERS.stream().anyMatch(Files::isExecutable),
        "a browser from another origin is not tested: there is none of " + BROWSERS);
    site = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    site.createContext(
        "/",
        e -> {
          byte[] bytes = page.getBytes(StandardCharsets.UTF_8);
          e.getResponseHeaders().set("content-type", "text/html");
          e.sendResponseHeaders(200, bytes.length);
          e.getResponseBody().write(bytes);
          e.close();
        });
    site.start();
  }

  @AfterEach
  void close() {
    if (site != null) {
      site.stop(0);
    }
  }

  private String origin() {
    return "http://127.0.0.1:" + site.getAddress().getPort();
  }

  private String shown() throws Exception {
    Process browser =
        new ProcessBuilder(
                List.of(
                    BROWSERS.stream()
                        .filter(Files::isExecutable)
                        .findFirst()
                        .orElseThrow()
                        .toString(),
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--user-data-dir=" + folder.resolve("profile"),
                    "--virtual-time-budget=10000",
                    "--dump-dom",
                    origin() + "/"))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String dom = new String(browser.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(browser.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return dom;
  }

  private GatewayFixture gateway(StubUpstream stub, String more) throws IOException {
    return new GatewayFixture(
        new FakeForecaster().with("a", 0.9),
        folder,
        more
            + "upstreams:\n  - {model: a, health: {interval: 0}, url: \"%s\"}\n"
                .formatted(stub.url()));
  }

  @Test
  void page_ofANamedOrigin_isAnsweredAndReadsTheHeaders() throws Exception {
    try (var stub = new StubUpstream("a");
        GatewayFixture gateway = gateway(stub, "cors: {origins: [\"%s\"]}\n".formatted(origin()))) {
      page = PAGE.formatted(gateway.url());
      assertThat(shown()).contains("I am a by a");
    }
  }

  @Test
  void page_ofAnotherOrigin_isRefusedAndSpendsNothing() throws Exception {
    try (var stub = new StubUpstream("a");
        GatewayFixture gateway = gateway(stub, "")) {
      page = PAGE.formatted(gateway.url());
      assertThat(shown()).contains("refused");
      assertThat(stub.calls()).isZero();
    }
  }
}
