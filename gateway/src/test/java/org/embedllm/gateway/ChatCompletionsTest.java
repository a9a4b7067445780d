package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.embedllm.gateway.StubUpstream.Mood;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

@Tag("server")
class ChatCompletionsTest {
  @TempDir private Path folder;
  private StubUpstream a;
  private StubUpstream b;
  private GatewayFixture gateway;

  @BeforeEach
  void open() throws IOException {
    a = new StubUpstream("a");
    b = new StubUpstream("b");
    gateway = gateway("");
  }

  /// @param timeouts of upstream a
  private GatewayFixture gateway(String timeouts) throws IOException {
    return new GatewayFixture(
        new FakeForecaster().with("a", 0.9).with("b", 0.6).onWord("poem", "b", 0.97),
        folder,
        "upstreams:\n"
            + "  - {model: a, url: \"%s\", price: {input: 10, output: 30}, key: \"${TEST_KEY}\", timeouts: {%s}}\n"
                .formatted(a.url(), timeouts)
            + "  - {model: b, url: \"%s\", name: b-there, price: {input: 1, output: 2}}\n"
                .formatted(b.url()));
  }

  private void impatient(String timeouts) throws IOException {
    gateway.close();
    gateway = gateway(timeouts);
  }

  @AfterEach
  void close() {
    gateway.close();
    a.close();
    b.close();
  }

  @Test
  void auto_twoModels_asksTheMoreProbableOne() {
    HttpResponse<String> response =
        gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "add two numbers"));

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(GatewayFixture.json(response).at("/choices/0/message/content").asString())
        .isEqualTo("I am a");
    assertThat(response.headers().firstValue("x-embedllm-model")).contains("a");
    assertThat(response.headers().firstValue("x-embedllm-probability")).contains("0.9000");
    assertThat(response.headers().firstValue("x-embedllm-decision").orElse("")).startsWith("d-");
    assertThat(a.authorizations()).containsExactly("Bearer sk-upstream");
  }

  @Test
  void auto_anotherText_asksAnotherModelByItsNameThere() {
    HttpResponse<String> response =
        gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "write a poem please"));

    assertThat(response.headers().firstValue("x-embedllm-model")).contains("b");
    assertThat(b.lastBody().path("model").asString()).isEqualTo("b-there");
  }

  @Test
  void policies_prices_chooseByThem() {
    assertThat(model("auto:cheapest@0.5")).isEqualTo("b");
    assertThat(model("auto:cheapest@0.8")).isEqualTo("a");
    assertThat(model("auto:budget@0.0001")).isEqualTo("b");
    assertThat(model("auto:dial@0.01")).isEqualTo("b");
    assertThat(model("auto:dial@1")).isEqualTo("a");
    assertThat(model("b")).isEqualTo("b");
  }

  private String model(String name) {
    return gateway
        .post("/v1/chat/completions", GatewayFixture.chat(name, "add two numbers"))
        .headers()
        .firstValue("x-embedllm-model")
        .orElse("");
  }

  @Test
  void stream_well_passesEveryEventOn() {
    HttpResponse<String> response =
        gateway.post("/v1/chat/completions", GatewayFixture.streamed("auto", "add two numbers"));

    assertThat(response.headers().firstValue("content-type").orElse(""))
        .startsWith("text/event-stream");
    List<String> events = GatewayFixture.events(response);
    assertThat(events).hasSize(6).endsWith("[DONE]");
    assertThat(GatewayFixture.json(events.getFirst()).at("/choices/0/delta/content").asString())
        .isEqualTo("a");
    assertThat(a.lastBody().at("/stream_options/include_usage").asBoolean()).isTrue();
  }

  @Test
  void stream_clientAsksForUsage_getsTheUsageChunk() {
    HttpResponse<String> response =
        gateway.post(
            "/v1/chat/completions",
            "{\"model\":\"a\",\"stream\":true,\"stream_options\":{\"include_usage\":true,\"x\":1},\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}");

    assertThat(GatewayFixture.events(response)).hasSize(7);
    assertThat(a.lastBody().at("/stream_options/x").asInt()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "HANG",
        "CUT_AT_ONCE",
        "GARBAGE",
        "HTML",
        "NO_CHOICES",
        "BUSY",
        "BROKEN",
        "UNAUTHORIZED"
      })
  void fallback_firstFails_secondAnswersUnseen(Mood mood) throws IOException {
    a.mood(mood);
    if (mood == Mood.HANG) {
      impatient("firstByte: 500ms");
    }

    HttpResponse<String> plain =
        gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "add two numbers"));
    HttpResponse<String> streamed =
        gateway.post("/v1/chat/completions", GatewayFixture.streamed("auto", "add other numbers"));

    assertThat(plain.statusCode()).isEqualTo(200);
    assertThat(GatewayFixture.json(plain).at("/choices/0/message/content").asString())
        .isEqualTo("I am b");
    assertThat(plain.headers().firstValue("x-embedllm-model")).contains("b");
    assertThat(plain.headers().firstValue("x-embedllm-attempts")).contains("2");
    assertThat(streamed.body()).doesNotContain("error");
    assertThat(GatewayFixture.events(streamed))
        .endsWith("[DONE]")
        .anySatisfy(event ->
            assertThat(GatewayFixture.json(event).at("/choices/0/delta/content").asString())
                .isEqualTo("b"));
  }

  @ParameterizedTest
  @EnumSource(names = {"CUT_AFTER_TWO", "STALL_AFTER_TWO", "ERROR_IN_STREAM"})
  void stream_breaksOffLater_endsWithAnErrorEventAndNoOtherAnswer(Mood mood) throws IOException {
    a.mood(mood);
    if (mood == Mood.STALL_AFTER_TWO) {
      impatient("idle: 6s");
    }

    HttpResponse<String> response =
        gateway.post("/v1/chat/completions", GatewayFixture.streamed("auto", "add two numbers"));

    List<String> events = GatewayFixture.events(response);
    assertThat(events).hasSize(3).doesNotContain("[DONE]");
    JsonNode error = GatewayFixture.json(events.getLast()).path("error");
    assertThat(error.path("type").asString()).isEqualTo("server_error");
    assertThat(b.calls()).isZero();
  }

  @Test
  void slowDrip_plain_isLeftForTheNext() throws IOException {
    a.mood(Mood.DRIP);
    impatient("answer: 500ms");

    HttpResponse<String> response =
        gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "add two numbers"));

    assertThat(response.headers().firstValue("x-embedllm-model")).contains("b");
  }

  @Test
  void refusal_clientsFault_isPassedOn() {
    a.mood(Mood.BAD_REQUEST);

    HttpResponse<String> response =
        gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "add two numbers"));

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains("temperature is too hot");
    assertThat(b.calls()).isZero();
  }

  @Test
  void namedModel_busy_answers429WithRetryAfter() {
    a.mood(Mood.BUSY);

    HttpResponse<String> response =
        gateway.post("/v1/chat/completions", GatewayFixture.chat("a", "add two numbers"));

    assertThat(response.statusCode()).isEqualTo(429);
    assertThat(response.headers().firstValue("retry-after")).contains("7");
    assertThat(b.calls()).isZero();
  }

  @Test
  void route_auto_explainsEveryCandidate() {
    HttpResponse<String> response = gateway.post("/v1/route", "{\"prompt\":\"add two numbers\"}");

    JsonNode json = GatewayFixture.json(response);
    assertThat(json.path("model").asString()).isEqualTo("a");
    assertThat(json.path("policy").asString()).isEqualTo("best");
    assertThat(json.path("ranking")).hasSize(2);
    assertThat(json.at("/ranking/1/probability").asDouble()).isEqualTo(0.6);
    assertThat(json.at("/ranking/0/cost").asDouble()).isPositive();
    assertThat(json.at("/nearest/0/benchmark").asString()).isEqualTo("arithmetic");
    assertThat(a.calls()).isZero();
  }

  @Test
  void unknownModel_similarName_isSuggested() {
    HttpResponse<String> response =
        gateway.post("/v1/chat/completions", GatewayFixture.chat("auto:cheepest@0.8", "hi"));
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains("Did you mean \\\"cheapest\\\"?");

    HttpResponse<String> named =
        gateway.post("/v1/chat/completions", GatewayFixture.chat("nobody", "hi"));
    assertThat(named.statusCode()).isEqualTo(404);
    assertThat(GatewayFixture.json(named).at("/error/code").asString())
        .isEqualTo("model_not_found");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "auto:cheapest@2 | a probability from 0 to 1, such as cheapest@0.8; got \"cheapest@2\"",
        "auto:cheapest | a probability from 0 to 1",
        "auto:cheapest@NaN | a probability from 0 to 1",
        "auto:budget@-1 | dollars for one call, such as budget@0.002",
        "auto:dial@x | a number from 0 (price) to 1 (quality)",
        "auto:best@1 | best takes no number",
        "auto:bugdet@1 | got \"bugdet@1\". Did you mean \"budget\"?",
        "auto: | is no policy",
      })
  void policy_badNumberOrWord_saysWhatItTakes(String model, String said) {
    for (String path : new String[] {"/v1/chat/completions", "/v1/route"}) {
      HttpResponse<String> response = gateway.post(path, GatewayFixture.chat(model, "hi"));
      assertThat(response.statusCode()).isEqualTo(400);
      JsonNode error = GatewayFixture.json(response).path("error");
      assertThat(error.path("type").asString()).isEqualTo("invalid_request_error");
      assertThat(error.path("param").asString()).isEqualTo("model");
      assertThat(error.path("code").asString()).isEqualTo("invalid_policy");
      assertThat(error.path("message").asString()).contains(said);
    }
    assertThat(a.calls() + b.calls()).isZero();
  }

  @Test
  void messages_missingOrNone_areAskedForAsOpenAiDoes() {
    JsonNode missing =
        GatewayFixture.json(gateway.post("/v1/chat/completions", "{\"model\":\"auto\"}"))
            .path("error");
    assertThat(missing.path("code").asString()).isEqualTo("missing_required_parameter");
    assertThat(missing.path("param").asString()).isEqualTo("messages");
    HttpResponse<String> none =
        gateway.post("/v1/chat/completions", "{\"model\":\"auto\",\"messages\":[]}");
    assertThat(none.statusCode()).isEqualTo(400);
    assertThat(GatewayFixture.json(none).at("/error/code").asString()).isEqualTo("empty_array");
    assertThat(a.calls() + b.calls()).isZero();
  }

  @Test
  void wrongMethod_knownPath_isToldTheRightOne() {
    HttpResponse<String> response = gateway.get("/v1/chat/completions");
    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(response.headers().firstValue("allow")).contains("POST");
    assertThat(GatewayFixture.json(response).at("/error/code").asString())
        .isEqualTo("method_not_allowed");
    assertThat(gateway.post("/v1/models", "{}").headers().firstValue("allow"))
        .contains("GET, HEAD");
  }

  @Test
  void body_notJson_isToldWithoutTheParsersInsides() {
    for (String path : new String[] {"/v1/chat/completions", "/v1/feedback", "/v1/embeddings"}) {
      HttpResponse<String> response = gateway.post(path, "{\"model\": ");
      assertThat(response.statusCode()).isEqualTo(400);
      assertThat(GatewayFixture.json(response).at("/error/message").asString())
          .startsWith("the body is not valid JSON")
          .doesNotContain("Source")
          .doesNotContain("(start");
    }
  }

  @Test
  void embeddings_withoutModel_isToldItsName() {
    HttpResponse<String> response = gateway.post("/v1/embeddings", "{\"input\":\"x\"}");
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains("fake-encoder");
  }

  @Test
  void models_list_namesUpstreamsVirtualOnesAndEncoder() {
    JsonNode json = GatewayFixture.json(gateway.get("/v1/models"));
    assertThat(json.path("data").findValuesAsString("id"))
        .contains("auto", "auto:cheapest@0.8", "a", "b", "fake-encoder");
  }

  @Test
  void completions_prompt_isRoutedAndAnswered() {
    HttpResponse<String> response =
        gateway.post("/v1/completions", "{\"model\":\"auto\",\"prompt\":\"a poem\"}");
    assertThat(GatewayFixture.json(response).at("/choices/0/text").asString()).isEqualTo("I am b");
  }

  @Test
  void embeddings_texts_areEncodedHere() {
    JsonNode json =
        GatewayFixture.json(
            gateway.post(
                "/v1/embeddings", "{\"model\":\"fake-encoder\",\"input\":[\"one\",\"four\"]}"));
    assertThat(json.at("/data/1/embedding/0").asDouble()).isEqualTo(4);
    assertThat(json.at("/usage/prompt_tokens").asInt()).isEqualTo(6);
  }

  @Test
  void unknownFields_anything_arriveUntouched() {
    String odd =
        "{\"model\":\"auto\",\"zeta\":{\"b\":1.50,\"a\":[1e2,null]},\"messages\":[{\"role\":\"user\",\"content\":\"hi \\u00e9\"}],  \"top_k\":  40}";
    gateway.post("/v1/chat/completions", odd);
    assertThat(a.bodies().getFirst()).isEqualTo(odd.replace("\"auto\"", "\"a\""));
  }
}
