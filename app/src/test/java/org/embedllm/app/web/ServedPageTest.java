package org.embedllm.app.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import org.embedllm.gateway.access.KeyRing;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The page beside a gateway with keys.
@Tag("server")
class ServedPageTest {
  private static final String ALICE = KeyRing.freshKey(new SecureRandom());
  private static final String BOB = KeyRing.freshKey(new SecureRandom());
  private static final String ROOT = KeyRing.freshKey(new SecureRandom());
  private static final List<String> MODELS = List.of("a", "b", "c", "behind-nothing");

  @TempDir private static Path folder;
  private static ServedGateway gateway;
  private static PageClient client;

  @BeforeAll
  static void open() throws IOException {
    PageClient.quietServers();
    gateway =
        new ServedGateway(
            folder,
            InventedSpace.of(MODELS),
            """
            store: {prompts: true}
            keys:
              - {name: alice, sha256: %s}
              - {name: bob, sha256: %s, models: [auto, a, b]}
              - {name: root, sha256: %s, admin: true}
            """
                .formatted(KeyRing.hash(ALICE), KeyRing.hash(BOB), KeyRing.hash(ROOT)));
    client = new PageClient(gateway.address());
  }

  @AfterAll
  static void close() {
    client.close();
    gateway.close();
  }

  private static String[] as(String key) {
    return new String[] {"authorization", "Bearer " + key, "content-type", "application/json"};
  }

  private static String chat(String prompt) {
    return "{\"model\":\"auto\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
        .formatted(prompt);
  }

  @Test
  void page_isShownToAll_andItsDataToThoseWithAKey() {
    assertThat(client.get("/").statusCode()).isEqualTo(200);
    assertThat(client.get("/ui/app.js").statusCode()).isEqualTo(200);
    for (String path : List.of("overview", "map", "live", "live/summary")) {
      HttpResponse<byte[]> refused = client.get("/ui/api/" + path);
      assertThat(refused.statusCode()).isEqualTo(401);
      assertThat(refused.headers().firstValue("www-authenticate")).contains("Bearer");
      assertThat(PageClient.json(refused).path("error").path("message").asString())
          .contains("needs a key");
    }
    assertThat(client.get("/ui/api/overview", as("ek-wrong")).statusCode()).isEqualTo(401);
    JsonNode overview = PageClient.json(client.get("/ui/api/overview", as(BOB)));
    assertThat(overview.path("has").path("gateway").asBoolean()).isTrue();
    assertThat(overview.path("has").path("prices").asBoolean()).isTrue();
  }

  @Test
  void views_ofAllModels_areNotForAKeyOfSomeModels() {
    for (String path : List.of("map", "models/2", "compare?ids=1,2", "examples", "costs")) {
      HttpResponse<byte[]> refused = client.get("/ui/api/" + path, as(BOB));
      assertThat(refused.statusCode()).as(path).isEqualTo(403);
      assertThat(PageClient.json(refused).path("error").path("message").asString())
          .contains("some models only");
    }
    assertThat(client.get("/ui/api/map", as(ROOT)).statusCode()).isEqualTo(200);
    assertThat(client.get("/ui/api/live/summary?minutes=5", as(BOB)).statusCode()).isEqualTo(200);
  }

  @Test
  void playground_routesAsTheGateway_andLeavesNoTrace() {
    JsonNode before = PageClient.json(client.get("/ui/api/live/summary?minutes=5", as(ALICE)));
    JsonNode shown =
        PageClient.json(
            client.post(
                "/ui/api/playground",
                "{\"prompt\":\"a question of chemistry\",\"policy\":\"best\",\"sequence\":3}",
                as(ALICE)));
    JsonNode after = PageClient.json(client.get("/ui/api/live/summary?minutes=5", as(ALICE)));
    assertThat(after.path("recent").size()).isEqualTo(before.path("recent").size());

    JsonNode decided =
        PageClient.json(
            client.post(
                "/v1/route",
                chat("a question of chemistry").replace("auto", "auto:best"),
                as(ALICE)));
    assertThat(MODELS.get(shown.path("route").asInt())).isEqualTo(decided.path("model").asString());
    assertThat(shown.path("reason")).isEqualTo(decided.path("reason"));
    for (int k = 0; k < decided.path("ranking").size(); k++) {
      JsonNode one = shown.path("ranking").get(k);
      JsonNode other = decided.path("ranking").get(k);
      assertThat(one.path("name")).isEqualTo(other.path("model"));
      assertThat(one.path("probability")).isEqualTo(other.path("probability"));
      assertThat(one.path("cost")).isEqualTo(other.path("cost"));
    }
    assertThat(shown.path("curl").asString())
        .startsWith("curl http://127.0.0.1:")
        .contains("/v1/chat/completions")
        .contains("Bearer $EMBEDLLM_KEY")
        .contains("\"model\":\"auto:best\"")
        .doesNotContain(ALICE);
  }

  @Test
  void playground_hidesTheModelsThatAKeyMayNotUse() {
    JsonNode shown =
        PageClient.json(
            client.post(
                "/ui/api/playground",
                "{\"prompt\":\"a question of law\",\"policy\":\"best\"}",
                as(BOB)));
    assertThat(shown.path("ranking")).isNotEmpty();
    for (JsonNode row : shown.path("ranking")) {
      assertThat(row.path("whyNot").asString()).doesNotContain("this key may not use it");
      assertThat(row.path("name").asString()).isIn("a", "b");
    }
  }

  @Test
  void live_tellsOfADecision_toWhoAskedAndToAnAdminWithoutItsPrompt() {
    try (Following alice = new Following(ALICE);
        Following bob = new Following(BOB);
        Following root = new Following(ROOT)) {
      String id = decided(ALICE, "of logic");
      feedback(ALICE, id);
      String own = decided(BOB, "of law");
      assertThat(alice.decision(id).path("prompt").asString()).contains("of logic");
      JsonNode seen = root.decision(id);
      assertThat(seen.path("caller").asString()).isEqualTo("alice");
      assertThat(seen.path("prompt").isNull()).isTrue();
      assertThat(bob.decision(own).path("prompt").asString()).contains("of law");
      // What came before it, a decision and its feedback, was not told.
      assertThat(bob.told()).isEqualTo(1);
    }
  }

  @Test
  void summary_hasOnesOwnDecisions_andItsFiguresForAnAdminAlone() {
    String id = decided(ALICE, "of physics");
    String own = decided(BOB, "of history");
    JsonNode seen = summary(BOB);
    assertThat(seen.path("recent").findValuesAsString("id")).contains(own).doesNotContain(id);
    assertThat(seen.path("recent").findValuesAsString("caller")).containsOnly("bob");
    assertThat(seen.propertyNames()).containsExactlyInAnyOrder("adminOnly", "recent");
    assertThat(seen.path("adminOnly").asString()).contains("for an admin key alone");
    JsonNode all = summary(ROOT);
    assertThat(all.path("recent").findValuesAsString("id")).contains(id, own);
    assertThat(all.path("requests").asInt()).isPositive();
    all.path("recent").forEach(d -> assertThat(d.path("prompt").isNull()).isTrue());
  }

  @Test
  void decision_ofSomebodyElse_isNotFound() {
    String id = decided(ALICE, "of chemistry");
    String path = "/ui/api/live/decision?id=" + id;
    assertThat(client.get(path, as(BOB)).statusCode()).isEqualTo(404);
    assertThat(PageClient.json(client.get(path, as(ALICE))).path("prompt").asString())
        .contains("of chemistry");
    JsonNode seen = PageClient.json(client.get(path, as(ROOT)));
    assertThat(seen.path("id").asString()).isEqualTo(id);
    assertThat(seen.has("answer")).isFalse();
  }

  @Test
  void traffic_isForAnAdminAlone() {
    JsonNode refused = PageClient.json(client.get("/ui/api/live/traffic", as(BOB)));
    assertThat(refused.path("status").asString()).isEqualTo("unavailable");
    assertThat(refused.path("reason").asString()).contains("for an admin key alone");
    assertThat(refused.has("traffic")).isFalse();
    assertThat(PageClient.json(client.get("/ui/api/live/traffic", as(ROOT))).has("traffic"))
        .isTrue();
  }

  private static JsonNode summary(String key) {
    return PageClient.json(client.get("/ui/api/live/summary?minutes=5&recent=99", as(key)));
  }

  /// The decision's id of an answered request.
  private static String decided(String key, String prompt) {
    HttpResponse<byte[]> answer = client.post("/v1/chat/completions", chat(prompt), as(key));
    assertThat(answer.statusCode()).isEqualTo(200);
    return answer.headers().firstValue("x-embedllm-decision").orElseThrow();
  }

  private static void feedback(String key, String decision) {
    String body = "{\"decision\":\"%s\",\"score\":1}".formatted(decision);
    assertThat(client.post("/v1/feedback", body, as(key)).statusCode()).isEqualTo(200);
  }

  @Test
  void summary_askedForAnImpossibleWindow_saysSo() {
    for (String query : List.of("minutes=0", "minutes=x", "minutes=100000", "recent=-1")) {
      assertThat(client.get("/ui/api/live/summary?" + query, as(ALICE)).statusCode())
          .isEqualTo(400);
    }
  }

  @Test
  void page_switchedOff_isNotThere(@TempDir Path other) throws IOException {
    try (ServedGateway without = new ServedGateway(other, InventedSpace.of(MODELS), "page: off\n");
        PageClient asking = new PageClient(without.address())) {
      assertThat(asking.get("/").statusCode()).isEqualTo(404);
      assertThat(asking.get("/ui/api/overview").statusCode()).isEqualTo(404);
      assertThat(asking.get("/v1/models").statusCode()).isEqualTo(200);
    }
  }

  /// A stream of events.
  private static final class Following implements AutoCloseable {
    private final HttpClient http = HttpClient.newHttpClient();
    private final BufferedReader lines;
    private int told;

    Following(String key) {
      HttpRequest request =
          HttpRequest.newBuilder(gateway.address().resolve("/ui/api/live"))
              .header("authorization", "Bearer " + key)
              .timeout(Duration.ofMinutes(2))
              .build();
      try {
        var response = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
        assertThat(response.headers().firstValue("content-type").orElse(""))
            .startsWith("text/event-stream");
        lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        assertThat(lines.readLine()).startsWith(":");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }

    /// What is told of a decision, once it is.
    JsonNode decision(String id) {
      try {
        while (true) {
          String line = lines.readLine();
          if (line.startsWith("data: ")) {
            told++;
            JsonNode decision =
                new JsonMapper().readTree(line.substring("data: ".length())).path("decision");
            if (decision.path("id").asString().equals(id)) {
              return decision;
            }
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /// Number of events so far.
    int told() {
      return told;
    }

    @Override
    public void close() {
      http.shutdownNow();
    }
  }
}
