package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import org.embedllm.gateway.access.KeyRing;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Keys, and what one sees from outside.
@Tag("server")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KeyedAccessTest {
  private static final String ALICE = KeyRing.freshKey(new SecureRandom());
  private static final String BOB = KeyRing.freshKey(new SecureRandom());
  private static final String CAROL = KeyRing.freshKey(new SecureRandom());
  private static final String DAVE = KeyRing.freshKey(new SecureRandom());
  private static final String EVE = KeyRing.freshKey(new SecureRandom());

  private StubUpstream a;
  private StubUpstream b;
  private GatewayFixture gateway;

  @BeforeAll
  void open(@TempDir Path folder) throws IOException {
    a = new StubUpstream("a");
    b = new StubUpstream("b");
    gateway =
        new GatewayFixture(
            new FakeForecaster().with("a", 0.9).with("b", 0.6),
            folder,
            """
            keys:
              - {name: alice, sha256: %s, admin: true}
              - {name: bob, sha256: %s, requestsPerMinute: 2}
              - {name: carol, sha256: %s, budget: {usd: 0.000001, per: 3650d}}
              - {name: dave, sha256: %s, models: [b]}
              - {name: eve, sha256: %s, models: ["auto:dial@0.5"]}
            upstreams:
              - {model: a, url: "%s", price: {input: 1, output: 1}}
              - {model: b, url: "%s", price: {input: 1, output: 1}}
            """
                .formatted(
                    KeyRing.hash(ALICE),
                    KeyRing.hash(BOB),
                    KeyRing.hash(CAROL),
                    KeyRing.hash(DAVE),
                    KeyRing.hash(EVE),
                    a.url(),
                    b.url()));
  }

  @AfterAll
  void close() {
    gateway.close();
    a.close();
    b.close();
  }

  private HttpResponse<String> chat(String key, String model) {
    return gateway.post(
        "/v1/chat/completions", GatewayFixture.chat(model, "q"), "authorization", "Bearer " + key);
  }

  @Test
  void key_missingOrWrong_isRefused() {
    HttpResponse<String> none =
        gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "q"));
    assertThat(none.statusCode()).isEqualTo(401);
    assertThat(GatewayFixture.json(none).at("/error/code").asString()).isEqualTo("invalid_api_key");
    assertThat(GatewayFixture.json(none).at("/error/type").asString())
        .isEqualTo("invalid_request_error");
    assertThat(chat(ALICE + "x", "auto").statusCode()).isEqualTo(401);
    assertThat(gateway.get("/v1/models").statusCode()).isEqualTo(401);
    assertThat(gateway.get("/metrics").statusCode()).isEqualTo(401);
  }

  @Test
  void key_right_isServedAndNeverSentOn() {
    assertThat(chat(ALICE, "auto").statusCode()).isEqualTo(200);
    assertThat(a.authorizations()).doesNotContain("Bearer " + ALICE);
  }

  @Test
  void rate_usedUp_answers429() {
    assertThat(chat(BOB, "a").statusCode()).isEqualTo(200);
    assertThat(chat(BOB, "a").statusCode()).isEqualTo(200);
    HttpResponse<String> third = chat(BOB, "a");
    assertThat(third.statusCode()).isEqualTo(429);
    assertThat(third.headers().firstValue("retry-after")).isPresent();
  }

  @Test
  void key_asAnthropicsClientsSendIt_isTheKey() {
    String body =
        "{\"model\":\"%s\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]}";
    assertThat(gateway.post("/v1/messages", body.formatted("b"), "x-api-key", DAVE).statusCode())
        .isEqualTo(200);
    HttpResponse<String> forbidden =
        gateway.post("/v1/messages", body.formatted("a"), "x-api-key", DAVE);
    assertThat(forbidden.statusCode()).isEqualTo(403);
    assertThat(GatewayFixture.json(forbidden).at("/error/type").asString())
        .isEqualTo("permission_error");
    HttpResponse<String> wrong =
        gateway.post("/v1/messages", body.formatted("b"), "x-api-key", DAVE + "x");
    assertThat(wrong.statusCode()).isEqualTo(401);
    assertThat(GatewayFixture.json(wrong).at("/error/type").asString())
        .isEqualTo("authentication_error");
  }

  @Test
  void budgetAndRate_usedUp_surviveAReload(@TempDir Path other) throws IOException {
    String yaml =
        """
        keys:
          - {name: bob, sha256: %s, requestsPerMinute: 1}
          - {name: carol, sha256: %s, budget: {usd: 0.000001, per: 3650d}}
        upstreams:
          - {model: a, url: "%s", price: {input: 1, output: 1}}
        """
            .formatted(KeyRing.hash(BOB), KeyRing.hash(CAROL), a.url());
    try (var own = new GatewayFixture(new FakeForecaster().with("a", 0.9), other, yaml)) {
      for (String key : List.of(BOB, CAROL)) {
        assertThat(status(own, key)).isEqualTo(200);
        assertThat(status(own, key)).isEqualTo(429);
      }
      own.gateway.reload(GatewayFixture.config(other, yaml + "learn: false\n"));
      for (String key : List.of(BOB, CAROL)) {
        assertThat(status(own, key)).isEqualTo(429);
      }
    }
  }

  private static int status(GatewayFixture gateway, String key) {
    return gateway
        .post(
            "/v1/chat/completions", GatewayFixture.chat("a", "q"), "authorization", "Bearer " + key)
        .statusCode();
  }

  @Test
  void budget_usedUp_answers429() {
    assertThat(chat(CAROL, "a").statusCode()).isEqualTo(200);
    HttpResponse<String> second = chat(CAROL, "a");
    assertThat(second.statusCode()).isEqualTo(429);
    assertThat(GatewayFixture.json(second).at("/error/code").asString())
        .isEqualTo("insufficient_quota");
    assertThat(GatewayFixture.json(second).at("/error/type").asString())
        .isEqualTo("insufficient_quota");
  }

  @Test
  void allowedModels_others_areRefusedAndNeverChosen() {
    assertThat(chat(DAVE, "a").statusCode()).isEqualTo(403);
    assertThat(chat(DAVE, "auto").headers().firstValue("x-embedllm-model")).contains("b");
  }

  @Test
  void models_list_hasWhatTheKeyMayName() {
    assertThat(listed(ALICE)).contains("auto", "auto:cheapest@0.8", "a", "b");
    assertThat(listed(DAVE)).contains("auto", "auto:cheapest@0.8", "b").doesNotContain("a");
    assertThat(listed(EVE)).contains("auto:dial@0.5").doesNotContain("auto", "auto:best", "a", "b");
    assertThat(chat(EVE, "auto:dial@0.5").statusCode()).isEqualTo(200);
    assertThat(chat(EVE, "auto").statusCode()).isEqualTo(403);
  }

  private List<String> listed(String key) {
    JsonNode data =
        GatewayFixture.json(gateway.get("/v1/models", "authorization", "Bearer " + key))
            .path("data");
    return data.valueStream().map(model -> model.path("id").asString()).toList();
  }

  @Test
  void feedback_onOwnDecision_isKeptAndCounted() {
    String decision = chat(ALICE, "auto").headers().firstValue("x-embedllm-decision").orElse("");
    String body = "{\"decision\":\"" + decision + "\",\"score\":0.75}";

    HttpResponse<String> mine =
        gateway.post("/v1/feedback", body, "authorization", "Bearer " + ALICE);
    HttpResponse<String> others =
        gateway.post("/v1/feedback", body, "authorization", "Bearer " + DAVE);
    HttpResponse<String> wrong =
        gateway.post(
            "/v1/feedback",
            "{\"decision\":\"" + decision + "\",\"score\":7}",
            "authorization",
            "Bearer " + ALICE);

    assertThat(GatewayFixture.json(mine).path("model").asString()).isEqualTo("a");
    assertThat(GatewayFixture.json(mine).path("probability").asDouble()).isEqualTo(0.9);
    assertThat(GatewayFixture.json(mine).path("learned").asBoolean()).isTrue();
    assertThat(gateway.forecaster.learned()).containsExactly("a 0.75 q");
    assertThat(others.statusCode()).isEqualTo(404);
    assertThat(wrong.statusCode()).isEqualTo(400);
    String metrics = gateway.get("/metrics", "authorization", "Bearer " + ALICE).body();
    assertThat(metrics)
        .contains("embedllm_calibration_score_total{bin=\"0.9\"} 0.75")
        .contains("embedllm_decisions_total{model=\"a\",policy=\"best\"}")
        .contains("embedllm_latency_seconds_bucket{step=\"overhead\"")
        .contains("embedllm_cost_usd_total{caller=\"alice\",model=\"a\"}")
        .doesNotContain(ALICE);
  }

  @Test
  void health_withoutKey_isTold() {
    assertThat(gateway.get("/healthz").body()).contains("ok");
    HttpResponse<String> ready = gateway.get("/readyz");
    assertThat(ready.statusCode()).isEqualTo(200);
    assertThat(GatewayFixture.json(ready).path("store").asBoolean()).isTrue();
  }

  @Test
  void openApi_description_namesEveryPath() {
    JsonNode json = GatewayFixture.json(gateway.get("/openapi.json"));
    assertThat(json.path("paths").propertyNames())
        .contains("/v1/chat/completions", "/v1/route", "/v1/feedback", "/v1/embeddings", "/readyz");
  }

  @Test
  void nowhere_answersInOpenAiShape() {
    HttpResponse<String> response = gateway.get("/v2/none");
    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(GatewayFixture.json(response).at("/error/type").asString())
        .isEqualTo("invalid_request_error");
  }

  @Test
  void metrics_ofARestrictedKey_nameItsOwnModelsAlone() {
    assertThat(chat(ALICE, "a").statusCode()).isEqualTo(200);
    assertThat(chat(DAVE, "b").statusCode()).isEqualTo(200);
    String own = gateway.get("/metrics", "authorization", "Bearer " + DAVE).body();
    assertThat(own).contains("model=\"b\"", "upstream=\"b@");
    assertThat(own).doesNotContain("model=\"a\"", "upstream=\"a@");
    assertThat(gateway.get("/metrics", "authorization", "Bearer " + ALICE).body())
        .contains("model=\"a\"", "upstream=\"a@");
  }
}
