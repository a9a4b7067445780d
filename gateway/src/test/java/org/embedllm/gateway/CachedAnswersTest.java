package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import org.embedllm.gateway.access.KeyRing;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Answers kept for exact repeats.
@Tag("server")
class CachedAnswersTest {
  private static final String ALICE = KeyRing.freshKey(new SecureRandom());
  private static final String BOB = KeyRing.freshKey(new SecureRandom());
  private static final String COLD =
      "{\"model\":\"auto\",\"temperature\":0,\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]%s}";

  @TempDir private Path folder;
  private StubUpstream stub;
  private GatewayFixture gateway;

  private GatewayFixture gateway(String cache) throws IOException {
    return new GatewayFixture(
        new FakeForecaster().with("a", 0.9),
        folder,
        """
        %s
        keys:
          - {name: alice, sha256: %s, admin: true}
          - {name: bob, sha256: %s}
        upstreams:
          - {model: a, health: {interval: 0}, url: "%s", price: {input: 1000, output: 1000}}
        """
            .formatted(cache, KeyRing.hash(ALICE), KeyRing.hash(BOB), stub.url()));
  }

  @BeforeEach
  void open() throws IOException {
    stub = new StubUpstream("a");
    gateway = gateway("cache: {}");
  }

  @AfterEach
  void close() {
    gateway.close();
    stub.close();
  }

  private HttpResponse<String> ask(String key, String path, String body, String... more) {
    String[] headers = new String[more.length + 2];
    headers[0] = "authorization";
    headers[1] = "Bearer " + key;
    System.arraycopy(more, 0, headers, 2, more.length);
    HttpResponse<String> response = gateway.post(path, body, headers);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return response;
  }

  private HttpResponse<String> chat(String key, String more) {
    return ask(key, "/v1/chat/completions", COLD.formatted(more));
  }

  @Test
  void repeat_ofTheSameKey_isAnsweredWithoutAskingAndSaysSo() throws IOException {
    HttpResponse<String> first = chat(ALICE, "");
    HttpResponse<String> second = chat(ALICE, "");
    assertThat(second.body()).isEqualTo(first.body());
    assertThat(stub.calls()).isEqualTo(1);
    assertThat(first.headers().firstValue("x-embedllm-cache")).isEmpty();
    assertThat(second.headers().firstValue("x-embedllm-cache")).contains("hit");
    assertThat(second.headers().firstValue("x-embedllm-model")).contains("a");
    assertThat(second.headers().firstValue("age")).isPresent();
    String metrics = gateway.get("/metrics", "authorization", "Bearer " + ALICE).body();
    assertThat(metrics)
        .contains(
            "embedllm_cache_requests_total{result=\"hit\"} 1.0",
            "embedllm_cache_requests_total{result=\"miss\"} 1.0",
            "embedllm_cache_saved_usd_total 0.015");
  }

  @Test
  void repeat_streamedAndInOtherProtocols_isTheSameAnswer() throws IOException {
    List<String> first = GatewayFixture.events(chat(ALICE, ",\"stream\":true"));
    assertThat(GatewayFixture.events(chat(ALICE, ",\"stream\":true"))).isEqualTo(first);
    String message =
        "{\"model\":\"a\",\"max_tokens\":9,\"temperature\":0,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    for (int i = 0; i < 2; i++) {
      JsonNode answer = GatewayFixture.json(ask(ALICE, "/v1/messages", message));
      assertThat(answer.at("/content/0/text").asString()).isEqualTo("I am a");
    }
    assertThat(stub.calls()).isEqualTo(2);
  }

  @Test
  void otherKeysAndWishes_areAlwaysAsked() throws IOException {
    chat(ALICE, "");
    chat(BOB, "");
    assertThat(stub.calls()).isEqualTo(2);
    for (int i = 0; i < 2; i++) {
      String body = COLD.formatted("");
      ask(ALICE, "/v1/chat/completions", body, "cache-control", "no-cache");
      ask(ALICE, "/v1/chat/completions", body.replace("\"temperature\":0,", ""));
      ask(ALICE, "/v1/chat/completions", body.replace(":0,", ":0.9,"));
      chat(
          ALICE,
          ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"weather\",\"parameters\":{\"type\":\"object\"}}}]");
    }
    assertThat(stub.calls()).isEqualTo(2 + 8);
  }

  @Test
  void answer_brokenOff_isNotKept() throws IOException {
    stub.mood(StubUpstream.Mood.CUT_AFTER_TWO);
    chat(ALICE, ",\"stream\":true");
    stub.mood(StubUpstream.Mood.WELL);
    assertThat(GatewayFixture.events(chat(ALICE, ",\"stream\":true")).getLast())
        .isEqualTo("[DONE]");
    assertThat(stub.calls()).isEqualTo(2);
  }

  @Test
  void cache_notConfigured_keepsNothing() throws IOException {
    gateway.close();
    gateway = gateway("");
    chat(ALICE, "");
    chat(ALICE, "");
    assertThat(stub.calls()).isEqualTo(2);
  }

  @Test
  void cost_askedFor_isInTheUsageOfWholeAndStreamedAnswers() throws IOException {
    String asks = ",\"usage\":{\"include\":true}";
    assertThat(GatewayFixture.json(chat(ALICE, asks)).at("/usage/cost").asDouble())
        .isEqualTo(0.015);
    assertThat(GatewayFixture.json(chat(ALICE, asks)).at("/usage/cost").asDouble(-1)).isZero();
    assertThat(stub.lastBody().has("usage")).isFalse();
    List<String> events = GatewayFixture.events(chat(ALICE, asks + ",\"stream\":true"));
    assertThat(GatewayFixture.json(events.get(events.size() - 2)).at("/usage/cost").asDouble())
        .isEqualTo(0.014);
    assertThat(GatewayFixture.json(chat(ALICE, "")).at("/usage/cost").isMissingNode()).isTrue();
  }

  /// What a chat completion cannot say makes requests different all the same.
  @Test
  void messages_differentInAFieldThatChatsLack_areDifferent() throws IOException {
    for (int topK : new int[] {1, 40, 1}) {
      ask(
          ALICE,
          "/v1/messages",
          "{\"model\":\"a\",\"max_tokens\":9,\"temperature\":0,\"top_k\":%d,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
              .formatted(topK));
    }
    assertThat(stub.calls()).isEqualTo(2);
  }
}
