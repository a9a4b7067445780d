package org.embedllm.app.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import org.embedllm.app.gateway.access.KeyRing;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Keys, and what one sees from outside.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AccessTest {
  private static final String ALICE = KeyRing.freshKey(new SecureRandom());
  private static final String BOB = KeyRing.freshKey(new SecureRandom());
  private static final String CAROL = KeyRing.freshKey(new SecureRandom());
  private static final String DAVE = KeyRing.freshKey(new SecureRandom());
  private static final String EVE = KeyRing.freshKey(new SecureRandom());

  private StubUpstream a;
  private StubUpstream b;
  private Bench bench;

  @BeforeAll
  void open(@TempDir Path folder) throws IOException {
    a = new StubUpstream("a");
    b = new StubUpstream("b");
    bench =
        new Bench(
            new FakeBrain().with("a", 0.9).with("b", 0.6),
            folder,
            """
            keys:
              - {name: alice, sha256: %s}
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
    bench.close();
    a.close();
    b.close();
  }

  private HttpResponse<String> chat(String key, String model) {
    return bench.post(
        "/v1/chat/completions", Bench.chat(model, "q"), "authorization", "Bearer " + key);
  }

  @Test
  void key_missingOrWrong_isRefused() {
    HttpResponse<String> none = bench.post("/v1/chat/completions", Bench.chat("auto", "q"));
    assertThat(none.statusCode()).isEqualTo(401);
    assertThat(Bench.json(none).at("/error/code").asString()).isEqualTo("invalid_api_key");
    assertThat(Bench.json(none).at("/error/type").asString()).isEqualTo("invalid_request_error");
    assertThat(chat(ALICE + "x", "auto").statusCode()).isEqualTo(401);
    assertThat(bench.get("/v1/models").statusCode()).isEqualTo(401);
    assertThat(bench.get("/metrics").statusCode()).isEqualTo(401);
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
  void budget_usedUp_answers429() {
    assertThat(chat(CAROL, "a").statusCode()).isEqualTo(200);
    HttpResponse<String> second = chat(CAROL, "a");
    assertThat(second.statusCode()).isEqualTo(429);
    assertThat(Bench.json(second).at("/error/code").asString()).isEqualTo("insufficient_quota");
    assertThat(Bench.json(second).at("/error/type").asString()).isEqualTo("insufficient_quota");
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
        Bench.json(bench.get("/v1/models", "authorization", "Bearer " + key)).path("data");
    return data.valueStream().map(model -> model.path("id").asString()).toList();
  }

  @Test
  void feedback_onOwnDecision_isKeptAndCounted() {
    String decision = chat(ALICE, "auto").headers().firstValue("x-embedllm-decision").orElse("");
    String body = "{\"decision\":\"" + decision + "\",\"score\":0.75}";

    HttpResponse<String> mine =
        bench.post("/v1/feedback", body, "authorization", "Bearer " + ALICE);
    HttpResponse<String> others =
        bench.post("/v1/feedback", body, "authorization", "Bearer " + DAVE);
    HttpResponse<String> wrong =
        bench.post(
            "/v1/feedback",
            "{\"decision\":\"" + decision + "\",\"score\":7}",
            "authorization",
            "Bearer " + ALICE);

    assertThat(Bench.json(mine).path("model").asString()).isEqualTo("a");
    assertThat(Bench.json(mine).path("probability").asDouble()).isEqualTo(0.9);
    assertThat(Bench.json(mine).path("learned").asBoolean()).isTrue();
    assertThat(bench.brain.learned()).containsExactly("a 0.75 q");
    assertThat(others.statusCode()).isEqualTo(404);
    assertThat(wrong.statusCode()).isEqualTo(400);
    String metrics = bench.get("/metrics", "authorization", "Bearer " + ALICE).body();
    assertThat(metrics)
        .contains("embedllm_calibration_score_total{bin=\"0.9\"} 0.75")
        .contains("embedllm_decisions_total{model=\"a\",policy=\"best\"}")
        .contains("embedllm_latency_seconds_bucket{step=\"overhead\"")
        .contains("embedllm_cost_usd_total{caller=\"alice\",model=\"a\"}")
        .doesNotContain(ALICE);
  }

  @Test
  void health_withoutKey_isTold() {
    assertThat(bench.get("/healthz").body()).contains("ok");
    HttpResponse<String> ready = bench.get("/readyz");
    assertThat(ready.statusCode()).isEqualTo(200);
    assertThat(Bench.json(ready).path("store").asBoolean()).isTrue();
  }

  @Test
  void openApi_description_namesEveryPath() {
    JsonNode json = Bench.json(bench.get("/openapi.json"));
    assertThat(json.path("paths").propertyNames())
        .contains("/v1/chat/completions", "/v1/route", "/v1/feedback", "/v1/embeddings", "/readyz");
  }

  @Test
  void nowhere_answersInOpenAiShape() {
    HttpResponse<String> response = bench.get("/v2/none");
    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(Bench.json(response).at("/error/type").asString())
        .isEqualTo("invalid_request_error");
  }
}
