package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import org.embedllm.gateway.access.KeyRing;
import org.embedllm.storage.BadInputException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Keys in the store: made, changed and taken away over HTTP and by the command.
@Tag("server")
class KeysTest {
  private static final String ADMIN = KeyRing.freshKey(new SecureRandom());

  @TempDir private Path folder;
  private StubUpstream stub;
  private GatewayFixture gateway;

  @BeforeEach
  void open() throws IOException {
    stub = new StubUpstream("a");
    gateway =
        new GatewayFixture(
            new FakeForecaster().with("a", 0.9).with("b", 0.6),
            folder,
            """
            keys:
              - {name: root, sha256: %s, admin: true}
            modelGroups: {small: [b]}
            upstreams:
              - {model: a, health: {interval: 0}, url: "%s", price: {input: 1000, output: 1000}}
              - {model: b, health: {interval: 0}, url: "%s", price: {input: 1000, output: 1000}}
            """
                .formatted(KeyRing.hash(ADMIN), stub.url(), stub.url()));
  }

  @AfterEach
  void close() {
    gateway.close();
    stub.close();
  }

  private JsonNode admin(String path, String body) {
    HttpResponse<String> response = gateway.post(path, body, "authorization", "Bearer " + ADMIN);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return GatewayFixture.json(response);
  }

  private int chat(String key, String model) {
    return gateway
        .post(
            "/v1/chat/completions",
            GatewayFixture.chat(model, "q"),
            "authorization",
            "Bearer " + key)
        .statusCode();
  }

  @Test
  void key_createdOverHttp_opensWhatItMayUseAtOnceAndIsNeverShownAgain() throws IOException {
    JsonNode made =
        admin(
            "/v1/keys",
            "{\"name\":\"alice\",\"models\":[\"small\"],\"metadata\":{\"team\":\"search\"}}");
    String key = made.path("key").asString();
    assertThat(chat(key, "b")).isEqualTo(200);
    assertThat(chat(key, "a")).isEqualTo(403);
    JsonNode listed =
        GatewayFixture.json(gateway.get("/v1/keys", "authorization", "Bearer " + ADMIN))
            .path("data");
    assertThat(listed.findValuesAsString("name")).containsExactlyInAnyOrder("alice", "root");
    assertThat(listed.toString()).doesNotContain(key, KeyRing.hash(key));
    try (var files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().contains("sqlite")).toList()) {
        assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
            .doesNotContain(key);
      }
    }
  }

  @Test
  void key_withoutAdmin_administersNothingAndSeesItsOwnSpendingAlone() throws Exception {
    String alice = admin("/v1/keys", "{\"name\":\"alice\"}").path("key").asString();
    String bob = admin("/v1/keys", "{\"name\":\"bob\"}").path("key").asString();
    assertThat(chat(alice, "a")).isEqualTo(200);
    assertThat(chat(bob, "b")).isEqualTo(200);
    assertThat(gateway.get("/v1/keys", "authorization", "Bearer " + alice).statusCode())
        .isEqualTo(403);
    assertThat(
            gateway
                .post("/v1/keys", "{\"name\":\"x\"}", "authorization", "Bearer " + bob)
                .statusCode())
        .isEqualTo(403);
    Eventually.holds(() -> spend(ADMIN).path("data").size() == 2);
    JsonNode own = spend(alice);
    assertThat(own.path("data").findValuesAsString("key")).containsExactly("alice");
    assertThat(own.path("usd").asDouble()).isEqualTo(0.015);
    assertThat(spend(ADMIN).path("data").findValuesAsString("key"))
        .containsExactlyInAnyOrder("alice", "bob");
    assertThat(spend(ADMIN).path("data").findValues("modelGroups"))
        .contains(GatewayFixture.json("[\"small\"]"));
  }

  private JsonNode spend(String key) {
    return GatewayFixture.json(gateway.get("/v1/spend?since=1d", "authorization", "Bearer " + key));
  }

  @Test
  void key_revokedOrExpired_isRefusedAtOnce() {
    String alice = admin("/v1/keys", "{\"name\":\"alice\"}").path("key").asString();
    String bob = admin("/v1/keys", "{\"name\":\"bob\"}").path("key").asString();
    admin("/v1/keys/alice/revoke", "");
    admin("/v1/keys/bob/expire", "{\"expires\":\"2020-01-01\"}");
    assertThat(chat(alice, "a")).isEqualTo(401);
    assertThat(chat(bob, "a")).isEqualTo(401);
  }

  @Test
  void key_rotated_opensWithBothSecretsForTheOverlapAlone() {
    String first = admin("/v1/keys", "{\"name\":\"alice\"}").path("key").asString();
    String second = admin("/v1/keys/alice/rotate", "{\"overlap\":\"1h\"}").path("key").asString();
    assertThat(chat(first, "a")).isEqualTo(200);
    assertThat(chat(second, "a")).isEqualTo(200);
    String third = admin("/v1/keys/alice/rotate", "").path("key").asString();
    assertThat(chat(second, "a")).isEqualTo(401);
    assertThat(chat(third, "a")).isEqualTo(200);
  }

  @Test
  void key_wrongOrTaken_isRefusedWithTheReason() {
    admin("/v1/keys", "{\"name\":\"alice\"}");
    for (String[] wrong :
        new String[][] {
          {"{\"name\":\"alice\"}", "already"},
          {"{\"name\":\"root\"}", "configuration"},
          {"{\"name\":\"a b\"}", "letters"},
          {"{\"name\":\"c\",\"model\":[\"a\"]}", "models"},
          {"{\"name\":\"c\",\"budget\":{\"usd\":\"x\"}}", "budget.usd"},
          {"{\"name\":\"c\",\"budget\":{\"usd\":5,\"per\":1}}", "budget.per"},
          {"{\"name\":\"c\",\"budget\":{\"usd\":5,\"pr\":\"1d\"}}", "budget has no \"pr\""},
          {"{\"name\":\"c\",\"budget\":5}", "budget"},
          {"{\"name\":\"c\",\"models\":\"small\"}", "models"},
          {"{\"name\":\"c\",\"models\":{\"a\":true}}", "models"},
          {"{\"name\":\"c\",\"models\":[5]}", "models"},
          {"{\"name\":\"c\",\"models\":[]}", "models"},
          {"{\"name\":\"c\",\"models\":[\"smal\"]}", "models has \"smal\""},
          {"{\"name\":\"c\",\"models\":[\"auto:bset\"]}", "models has \"auto:bset\""},
          {"{\"name\":\"c\",\"expires\":5}", "expires"},
          {"{\"name\":\"c\",\"admin\":\"yes\"}", "admin"},
          {"{\"name\":\"c\",\"metadata\":\"team\"}", "metadata"},
          {"{\"name\":\"c\",\"metadata\":{\"team\":{}}}", "metadata.team"},
          {"{\"name\":5}", "name"}
        }) {
      HttpResponse<String> response =
          gateway.post("/v1/keys", wrong[0], "authorization", "Bearer " + ADMIN);
      assertThat(response.statusCode()).as(wrong[0]).isEqualTo(400);
      assertThat(GatewayFixture.json(response).at("/error/message").asString()).contains(wrong[1]);
    }
  }

  @Test
  void change_withAFieldOfAWrongTypeOrName_isRefused() {
    String key = admin("/v1/keys", "{\"name\":\"alice\"}").path("key").asString();
    for (String[] wrong :
        new String[][] {
          {"expire", "{\"expires\":5}", "expires"},
          {"expire", "{\"expire\":\"30d\"}", "expires"},
          {"rotate", "{\"overlap\":60}", "overlap"},
          {"rotate", "{\"overlaps\":\"1h\"}", "overlap"},
          {"revoke", "[]", "revoke"}
        }) {
      HttpResponse<String> response =
          gateway.post("/v1/keys/alice/" + wrong[0], wrong[1], "authorization", "Bearer " + ADMIN);
      assertThat(response.statusCode()).as(wrong[1]).isEqualTo(400);
      assertThat(GatewayFixture.json(response).at("/error/message").asString()).contains(wrong[2]);
    }
    assertThat(chat(key, "a")).isEqualTo(200);
  }

  @Test
  void models_ofAKey_mayBeModelsGroupsAndPolicies() {
    String key =
        admin("/v1/keys", "{\"name\":\"alice\",\"models\":[\"small\",\"auto\",\"auto:dial@0.5\"]}")
            .path("key")
            .asString();
    assertThat(chat(key, "b")).isEqualTo(200);
    assertThat(chat(key, "auto")).isEqualTo(200);
    assertThat(chat(key, "a")).isEqualTo(403);
  }

  @Test
  void tokensPerMinute_usedUp_answers429WithTheTimeToWait() {
    String key =
        admin("/v1/keys", "{\"name\":\"alice\",\"tokensPerMinute\":20}").path("key").asString();
    assertThat(chat(key, "a")).isEqualTo(200); // 15 tokens
    HttpResponse<String> second =
        gateway.post(
            "/v1/chat/completions",
            GatewayFixture.chat("a", "q"),
            "authorization",
            "Bearer " + key);
    assertThat(second.statusCode()).isEqualTo(429);
    assertThat(second.headers().firstValue("retry-after")).isPresent();
  }

  @Test
  void command_onAStoreWithoutGateway_makesKeysThatANewGatewayNeeds() throws IOException {
    Path own = Files.createDirectory(folder.resolve("own"));
    Path model = own.resolve("model.safetensors");
    String upstreams = "upstreams:\n  - {model: a, health: {interval: 0}, url: \"%s\"}\n";
    var config = GatewayFixture.config(own, upstreams.formatted(stub.url()));
    String key;
    try (var keys = new KeyAdministration(model, config, Clock.systemUTC())) {
      JsonNode rights = GatewayFixture.json("{\"name\":\"alice\",\"admin\":true}");
      key = keys.create(rights);
      assertThat(keys.list().getFirst().path("state").asString()).isEqualTo("active");
      assertThatThrownBy(() -> keys.create(rights)).isInstanceOf(BadInputException.class);
      assertThatThrownBy(() -> keys.revoke("nobody")).isInstanceOf(BadInputException.class);
      String second = keys.rotate("alice", Duration.ofHours(1));
      assertThat(second).isNotEqualTo(key);
    }
    String store = "store: {url: \"jdbc:sqlite:%s.decisions.sqlite\"}\n".formatted(model);
    try (var fresh =
        new GatewayFixture(
            new FakeForecaster().with("a", 0.9), own, upstreams.formatted(stub.url()) + store)) {
      assertThat(fresh.get("/v1/models").statusCode()).isEqualTo(401);
      assertThat(fresh.get("/v1/models", "authorization", "Bearer " + key).statusCode())
          .isEqualTo(200);
    }
  }
}
