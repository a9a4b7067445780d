package org.embedllm.app.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// The page over real HTTP: headers, files, errors, and who is turned away.
@Tag("server")
class PageServerTest {
  private static ExploreServer odd;
  private static ExploreServer plain;
  private static PageClient page;

  @BeforeAll
  static void open() {
    PageClient.quietServers();
    odd = ExploreServer.invented(InventedSpace.of(InventedSpace.ODD_NAMES));
    plain = ExploreServer.invented(InventedSpace.of(12));
    page = new PageClient(plain.address());
  }

  @AfterAll
  static void close() {
    page.close();
    odd.close();
    plain.close();
  }

  private static void assertGuarded(HttpResponse<byte[]> response) {
    assertThat(response.headers().firstValue("content-security-policy"))
        .contains(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                + " connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none';"
                + " frame-ancestors 'none'");
    assertThat(response.headers().firstValue("x-content-type-options")).contains("nosniff");
    assertThat(response.headers().firstValue("referrer-policy")).contains("no-referrer");
  }

  @Test
  void everyAnswer_carriesTheSecurityHeaders() {
    for (String path :
        new String[] {
          "/",
          "/ui/app.js",
          "/ui/views/map.js",
          "/ui/vendor/echarts.min.js",
          "/ui/api/overview",
          "/ui/api/nothing",
          "/ui/x"
        }) {
      assertGuarded(page.get(path));
    }
    assertGuarded(page.post("/ui/api/playground", "{}", "content-type", "application/json"));
    assertThat(page.get("/ui/api/overview").headers().firstValue("cache-control"))
        .contains("no-store");
  }

  @Test
  void index_namesItsFilesByVersion_andTheseLastForEver() {
    String index = new String(page.get("/").body(), StandardCharsets.UTF_8);
    var scripts = Pattern.compile("/ui/([0-9a-f]{16})/app\\.js").matcher(index);
    assertThat(scripts.find()).isTrue();
    HttpResponse<byte[]> script = page.get("/ui/" + scripts.group(1) + "/app.js");
    assertThat(script.statusCode()).isEqualTo(200);
    assertThat(script.headers().firstValue("cache-control").orElseThrow()).contains("immutable");
    assertThat(script.headers().firstValue("content-type").orElseThrow())
        .startsWith("text/javascript");
    assertThat(page.get("/ui/" + "0".repeat(16) + "/app.js").statusCode()).isEqualTo(404);
  }

  @Test
  void file_withoutAVersion_isAskedForAgain_andNotSentAgain() {
    HttpResponse<byte[]> first = page.get("/ui/app.css");
    assertThat(first.headers().firstValue("cache-control")).contains("no-cache");
    String tag = first.headers().firstValue("etag").orElseThrow();
    HttpResponse<byte[]> again = page.get("/ui/app.css", "if-none-match", tag);
    assertThat(again.statusCode()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
  }

  @Test
  void head_ofAFile_isItsHeadersAlone() {
    for (String path : new String[] {"/", "/ui/app.css"}) {
      HttpResponse<byte[]> whole = page.get(path);
      HttpResponse<byte[]> head = page.head(path);
      assertThat(head.statusCode()).as(path).isEqualTo(200);
      assertThat(head.body()).isEmpty();
      assertThat(head.headers().firstValueAsLong("content-length")).hasValue(whole.body().length);
      for (String name : new String[] {"content-type", "etag", "cache-control"}) {
        assertThat(head.headers().firstValue(name)).isEqualTo(whole.headers().firstValue(name));
      }
      assertGuarded(head);
    }
    assertThat(page.head("/ui/nothing.css").statusCode()).isEqualTo(404);
  }

  @Test
  void files_areSentCompressed_andAllTogetherStayBelowAMegabyte() throws IOException {
    long sum = 0;
    for (String name : StaticFiles.read().names()) {
      HttpResponse<byte[]> zipped =
          page.get(name.equals("index.html") ? "/" : "/ui/" + name, "accept-encoding", "gzip");
      assertThat(zipped.headers().firstValue("content-encoding")).contains("gzip");
      sum += zipped.body().length;
      byte[] plainBytes = page.get(name.equals("index.html") ? "/" : "/ui/" + name).body();
      try (var in = new GZIPInputStream(new ByteArrayInputStream(zipped.body()))) {
        assertThat(in.readAllBytes()).isEqualTo(plainBytes);
      }
    }
    assertThat(sum).isBetween(300_000L, 1_000_000L);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/ui/../pom.xml",
        "/ui/%2e%2e/%2e%2e/Commands.class",
        "/ui/..%2f..%2fCommands.class",
        "/ui/package-info.class",
        "/ui/PageServer.class",
        "/ui/view/ShellQuoting.class",
        "/ui//etc/passwd",
        "/ui/lib/../app.js/",
        "/ui/app.js%00.css",
        "/ui/%5c..%5cpom.xml",
        "/META-INF/MANIFEST.MF"
      })
  void path_thatLeavesTheFolder_findsNothing(String path) throws IOException {
    assertThat(status("GET " + path + " HTTP/1.1", "127.0.0.1")).isIn(400, 404);
  }

  /// A request as it stands, past what a client library would mend.
  private static int status(String request, String host) throws IOException {
    try (Socket socket = new Socket(plain.address().getHost(), plain.address().getPort())) {
      OutputStream out = socket.getOutputStream();
      out.write(
          (request + "\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
              .getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
      var in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
      return Integer.parseInt(in.readLine().split(" ")[1]);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"evil.example", "evil.example:8090", "127.0.0.1.evil.example", ""})
  void request_toAnotherName_isTurnedAway(String host) throws IOException {
    assertThat(status("GET / HTTP/1.1", host)).isIn(400, 403);
    assertThat(status("GET /ui/api/overview HTTP/1.1", host)).isIn(400, 403);
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost:1234", "LOCALHOST", "127.0.0.1", "[::1]:8090"})
  void request_toThisMachine_isServed(String host) throws IOException {
    assertThat(status("GET / HTTP/1.1", host)).isEqualTo(200);
  }

  @Test
  void request_ofAnotherSite_isTurnedAway() {
    assertThat(page.get("/ui/api/overview", "sec-fetch-site", "cross-site").statusCode())
        .isEqualTo(403);
    assertThat(page.get("/ui/api/overview", "sec-fetch-site", "same-site").statusCode())
        .isEqualTo(403);
    assertThat(page.get("/ui/api/overview", "sec-fetch-site", "same-origin").statusCode())
        .isEqualTo(200);
    assertThat(
            page.post("/ui/api/playground", "{\"prompt\":\"x\"}", "content-type", "text/plain")
                .statusCode())
        .isEqualTo(415);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "models/-1",
        "models/12",
        "models/x",
        "models/",
        "models/999999999999",
        "compare",
        "compare?ids=",
        "compare?ids=1,x",
        "compare?ids=1,99",
        "map?projection=tsne",
        "nothing",
        "live",
        "live/summary"
      })
  void endpoint_askedForWhatIsNotThere_saysSo(String path) {
    HttpResponse<byte[]> response = page.get("/ui/api/" + path);
    assertThat(response.statusCode()).isIn(400, 404);
    assertThat(PageClient.json(response).path("error").path("message").asString()).isNotBlank();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{",
        "{\"prompt\":\"\"}",
        "{\"prompt\":7}",
        "{\"prompt\":\"x\",\"policy\":\"worst\"}",
        "{\"prompt\":\"x\",\"policy\":\"cheapest\"}",
        "{\"prompt\":\"x\",\"policy\":\"cheapest@half\"}",
        "{\"prompt\":\"x\",\"policy\":\"cheapest@2\"}",
        "{\"prompt\":\"x\",\"policy\":\"budget@-1\"}"
      })
  void playground_askedBadly_saysWhatIsWrong(String body) {
    HttpResponse<byte[]> response =
        page.post("/ui/api/playground", body, "content-type", "application/json");
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(PageClient.json(response).path("error").path("message").asString()).isNotBlank();
  }

  @Test
  void playground_withTooLongABody_isRefused() {
    HttpResponse<byte[]> response =
        page.postJson("/ui/api/playground", Map.of("prompt", "x".repeat(300_000)));
    assertThat(response.statusCode()).isEqualTo(413);
    assertThat(PageClient.json(response).path("error").path("remedy").asString())
        .contains("shorten");
  }

  @Test
  void view_thatNeedsADataSet_saysWhichCommandBringsIt() {
    for (String path : new String[] {"evaluation", "costs", "benchmarks", "contributions"}) {
      JsonNode answer = PageClient.json(page.get("/ui/api/" + path));
      assertThat(answer.path("status").asString()).isEqualTo("unavailable");
      assertThat(answer.path("reason").asString()).isNotBlank();
      assertThat(answer.path("remedy").asString())
          .isEqualTo("./embedllm explore invented.safetensors --dataset DATASET");
    }
  }

  @Test
  void names_ofAnyCharacters_comeBackAsTheyAre() {
    try (PageClient client = new PageClient(odd.address())) {
      JsonNode map = PageClient.json(client.get("/ui/api/map?projection=pca"));
      for (int i = 0; i < InventedSpace.ODD_NAMES.size(); i++) {
        String name = InventedSpace.ODD_NAMES.get(i);
        assertThat(map.path("models").get(i).path("name").asString()).isEqualTo(name);
        JsonNode card = PageClient.json(client.get("/ui/api/models/" + i));
        assertThat(card.path("name").asString()).isEqualTo(name);
        assertThat(card.path("neighbors").size()).isEqualTo(7);
      }
      String ids =
          java.util.stream.IntStream.range(0, InventedSpace.ODD_NAMES.size())
              .mapToObj(Integer::toString)
              .collect(Collectors.joining(","));
      JsonNode compared = PageClient.json(client.get("/ui/api/compare?ids=" + ids));
      assertThat(compared.path("models").size()).isEqualTo(InventedSpace.ODD_NAMES.size());
      assertThat(compared.path("differ").size()).isBetween(1, 50);
    }
  }

  @Test
  void overview_saysWhatThereIs() {
    JsonNode overview = PageClient.json(page.get("/ui/api/overview"));
    assertThat(overview.path("models").asInt()).isEqualTo(12);
    assertThat(overview.path("forecaster").asString()).isEqualTo("linear factorization");
    assertThat(overview.path("has").path("questions").asBoolean()).isTrue();
    assertThat(overview.path("has").path("dataset").asBoolean()).isFalse();
    assertThat(overview.path("has").path("live").asBoolean()).isFalse();
    assertThat(overview.path("policies").size()).isEqualTo(4);
  }

  @Test
  void principalComponents_areTurnedTowardsAccuracy_andSayHowFarTheyFollowIt() {
    JsonNode map = PageClient.json(page.get("/ui/api/map?projection=pca"));
    for (int k = 0; k < 2; k++) {
      String along = k == 0 ? "x" : "y";
      double sum = 0;
      double places = 0;
      double accuracies = 0;
      double mean = 0;
      for (JsonNode model : map.path("models")) {
        mean += model.path("accuracy").asDouble() / map.path("models").size();
      }
      // The places lie around the origin.
      for (JsonNode model : map.path("models")) {
        double off = model.path("accuracy").asDouble() - mean;
        double at = model.path(along).asDouble();
        sum += at * off;
        places += at * at;
        accuracies += off * off;
      }
      assertThat(sum).isNotNegative();
      // Axes follow accuracies relative to the pool, which differ little where few cells are
      // missing.
      assertThat(map.path("axes").get(k).path("accuracy").asDouble())
          .isCloseTo(sum / Math.sqrt(places * accuracies), within(1e-3));
    }
  }

  @Test
  void umap_isComputedOnce_andKeepsEverythingButThePlaces() {
    JsonNode pca = PageClient.json(page.get("/ui/api/map?projection=pca"));
    JsonNode umap = page.ready("/ui/api/map?projection=umap");
    assertThat(umap.path("projection").asString()).isEqualTo("umap");
    assertThat(umap.path("axes").get(0).path("share").isNull()).isTrue();
    assertThat(umap.path("communities")).isEqualTo(pca.path("communities"));
    assertThat(umap.path("models").size()).isEqualTo(12);
    assertThat(page.ready("/ui/api/map?projection=umap")).isEqualTo(umap);
  }
}
