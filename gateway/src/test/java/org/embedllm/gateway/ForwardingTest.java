package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.embedllm.gateway.observe.CompletedRequest;
import org.embedllm.gateway.observe.DecisionRecord;
import org.embedllm.gateway.store.ClientVote;
import org.embedllm.gateway.store.DecisionLog;
import org.embedllm.gateway.store.DecisionStore.StoreUnavailable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// What goes to which upstream, what comes back, and what is written down about it.
@Tag("server")
class ForwardingTest {
  private static final String IMAGE =
      "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,iVBORw0KGgo=\",\"detail\":\"low\"}}";

  @TempDir private Path folder;
  private StubUpstream a;
  private StubUpstream b;

  @BeforeEach
  void open() throws IOException {
    a = new StubUpstream("a");
    b = new StubUpstream("b");
  }

  @AfterEach
  void close() {
    a.close();
    b.close();
  }

  private GatewayFixture gateway(String more, String ofA, String ofB) throws IOException {
    return new GatewayFixture(
        new FakeForecaster().with("a", 0.9).with("b", 0.6).onWord("easy", "b", 0.88),
        folder,
        more
            + "upstreams:\n  - {model: a, url: \"%s\", price: {input: 10, output: 30}%s}\n"
                .formatted(a.url(), ofA)
            + "  - {model: b, url: \"%s\", price: {input: 1, output: 2}%s}\n"
                .formatted(b.url(), ofB));
  }

  private static String model(HttpResponse<String> response) {
    return response.headers().firstValue("x-embedllm-model").orElse("");
  }

  /// The last decision written down; feedback on it waits until it is.
  private static DecisionRecord stored(GatewayFixture gateway, HttpResponse<String> response)
      throws StoreUnavailable {
    String id = response.headers().firstValue("x-embedllm-decision").orElse("");
    gateway.post("/v1/feedback", "{\"decision\":\"" + id + "\",\"score\":1}");
    return gateway.store.recent(1).getFirst();
  }

  @Test
  void image_goesOnlyWhereImagesAreRead_byteForByte() throws IOException {
    String body =
        "{\"model\": \"auto\", \"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"what is it\"},"
            + IMAGE
            + "]}], \"logit_bias\":{\"50256\":-100}}";
    try (GatewayFixture gateway = gateway("", "", ", abilities: [tools, images]")) {
      HttpResponse<String> response = gateway.post("/v1/chat/completions", body);
      assertThat(model(response)).isEqualTo("b");
      assertThat(b.bodies()).containsExactly(body.replace("\"auto\"", "\"b\""));
      HttpResponse<String> named =
          gateway.post("/v1/chat/completions", body.replace("\"auto\"", "\"a\""));
      assertThat(named.statusCode()).isEqualTo(400);
      assertThat(GatewayFixture.json(named).at("/error/code").asString())
          .isEqualTo("unsupported_by_model");
      assertThat(a.calls()).isZero();
    }
  }

  @Test
  void image_nobodyReadsImages_saysWhoLacksWhat() throws IOException {
    try (GatewayFixture gateway = gateway("", "", "")) {
      HttpResponse<String> response =
          gateway.post(
              "/v1/chat/completions",
              "{\"messages\":[{\"role\":\"user\",\"content\":[" + IMAGE + "]}]}");
      assertThat(response.statusCode()).isEqualTo(400);
      JsonNode error = GatewayFixture.json(response).path("error");
      assertThat(error.path("code").asString()).isEqualTo("no_candidate");
      assertThat(error.path("message").asString())
          .contains("a: the request needs images")
          .contains("b: the request needs images");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tools | \"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]",
        "tools | \"functions\":[{\"name\":\"f\"}]",
        "json | \"response_format\":{\"type\":\"json_object\"}",
        "json | \"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"s\"}}",
      })
  void ability_goesOnlyWhereItIs(String ability, String field) throws IOException {
    String body =
        "{\"model\":\"auto\",%s,\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]}"
            .formatted(field);
    try (GatewayFixture gateway =
        gateway("", ", abilities: [images]", ", abilities: [" + ability + "]")) {
      assertThat(model(gateway.post("/v1/chat/completions", body))).isEqualTo("b");
      assertThat(b.bodies().getFirst()).isEqualTo(body.replace("\"auto\"", "\"b\""));
      assertThat(a.calls()).isZero();
    }
  }

  @Test
  void context_promptAndAnswerTogether_mustFit() throws IOException {
    String body =
        "{\"max_tokens\":%d,\"messages\":[{\"role\":\"user\",\"content\":\"hello there\"}]}";
    try (GatewayFixture gateway = gateway("", ", context: 1000", ", context: 4000")) {
      assertThat(model(gateway.post("/v1/chat/completions", body.formatted(900)))).isEqualTo("a");
      assertThat(model(gateway.post("/v1/chat/completions", body.formatted(2_000)))).isEqualTo("b");
      HttpResponse<String> none = gateway.post("/v1/chat/completions", body.formatted(9_000));
      assertThat(none.statusCode()).isEqualTo(400);
      assertThat(GatewayFixture.json(none).at("/error/code").asString())
          .isEqualTo("context_length_exceeded");
    }
  }

  /// The estimate was wrong, and the upstream knows better.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"error\":{\"message\":\"too many\",\"code\":\"context_length_exceeded\"}}",
        "{\"error\":{\"message\":\"This model's maximum context length is 4096 tokens\"}}",
        "{\"error\":{\"message\":\"the request exceeds the available context size\"}}",
        "{\"error\":{\"message\":\"Prompt is too long: 9 > 8\"}}"
      })
  void context_upstreamSaysTooLong_nextIsAskedAndElseTheClientTold(String said) throws IOException {
    a.refuse(400, said);
    try (GatewayFixture gateway = gateway("", "", "")) {
      for (String body :
          List.of(GatewayFixture.chat("auto", "q"), GatewayFixture.streamed("auto", "q"))) {
        assertThat(model(gateway.post("/v1/chat/completions", body))).isEqualTo("b");
      }
      HttpResponse<String> named =
          gateway.post("/v1/chat/completions", GatewayFixture.chat("a", "q"));
      assertThat(named.statusCode()).isEqualTo(400);
      assertThat(GatewayFixture.json(named).at("/error/code").asString())
          .isEqualTo("context_length_exceeded");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 402, 403, 404, 408, 409, 425, 429, 500, 502, 503, 504, 529})
  void status_thatIsNotTheClientsFault_nextIsAsked(int status) throws IOException {
    a.refuse(status, "{\"error\":{\"message\":\"no\"}}");
    try (GatewayFixture gateway = gateway("", "", "")) {
      assertThat(model(gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "q"))))
          .isEqualTo("b");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 405, 410, 415, 422})
  void status_ofTheClientsFault_isPassedOnAsItCame(int status) throws IOException {
    String said = "{\"error\":{\"message\":\"no\",\"detail\":[1]}}";
    a.refuse(status, said);
    try (GatewayFixture gateway = gateway("", "", "")) {
      HttpResponse<String> response =
          gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "q"));
      assertThat(response.statusCode()).isEqualTo(status);
      assertThat(response.body()).isEqualTo(said);
      assertThat(b.calls()).isZero();
    }
  }

  @Test
  void context_toolsAndOtherScripts_countForWhatTheyAre() throws IOException {
    String tool = "{\"type\":\"function\",\"function\":{\"description\":\"%s\"}}";
    String body = "{\"tools\":[%s],\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}";
    try (GatewayFixture gateway = gateway("", ", context: 1000", ", context: 9000")) {
      assertThat(
              model(
                  gateway.post(
                      "/v1/chat/completions", body.formatted(tool.formatted("short"), "q"))))
          .isEqualTo("a");
      String described = tool.formatted("what it does ".repeat(400));
      assertThat(model(gateway.post("/v1/chat/completions", body.formatted(described, "q"))))
          .isEqualTo("b");
      assertThat(
              model(
                  gateway.post(
                      "/v1/chat/completions", GatewayFixture.chat("auto", "why? ".repeat(500)))))
          .isEqualTo("a");
      assertThat(
              model(
                  gateway.post(
                      "/v1/chat/completions", GatewayFixture.chat("auto", "なぜですか".repeat(500)))))
          .isEqualTo("b");
    }
  }

  @Test
  void completion_streamed_isPassedOnAndAccounted() throws Exception {
    try (GatewayFixture gateway = gateway("", "", "")) {
      HttpResponse<String> response =
          gateway.post(
              "/v1/completions", "{\"model\":\"auto\",\"prompt\":\"once\",\"stream\":true}");
      assertThat(response.headers().firstValue("content-type").orElse(""))
          .startsWith("text/event-stream");
      assertThat(GatewayFixture.events(response)).hasSize(6).endsWith("[DONE]");
      assertThat(a.lastBody().at("/stream_options/include_usage").asBoolean()).isTrue();
      CompletedRequest record = stored(gateway, response).request();
      assertThat(record.request().streamed()).isTrue();
      assertThat(record.answer().usage().orElseThrow().promptTokens()).isEqualTo(10);
      assertThat(record.answer().usage().orElseThrow().answerTokens()).isEqualTo(4);
      assertThat(record.answer().usage().orElseThrow().measured()).isTrue();
      assertThat(record.cost()).isEqualTo((10 * 10 + 4 * 30) / 1e6);
      assertThat(record.timing().route()).isPositive();
      assertThat(record.timing().firstByte()).isBetween(0.0, record.timing().total());
      assertThat(gateway.forecaster.observed()).containsExactly("a 4");
    }
  }

  @Test
  void stream_upstreamWithoutUsage_isEstimatedAndMarkedSo() throws Exception {
    try (GatewayFixture gateway = gateway("", ", streamUsage: false", "")) {
      HttpResponse<String> response =
          gateway.post(
              "/v1/chat/completions",
              GatewayFixture.streamed("a", "a question of forty-two letters"));
      assertThat(a.lastBody().has("stream_options")).isFalse();
      CompletedRequest record = stored(gateway, response).request();
      assertThat(record.answer().usage().orElseThrow().measured()).isFalse();
      assertThat(record.answer().usage().orElseThrow().promptTokens()).isPositive();
      assertThat(record.cost()).isPositive();
    }
  }

  @Test
  void headers_turnedOff_noneIsSent() throws IOException {
    try (GatewayFixture gateway = gateway("observe: {headers: false}\n", "", "")) {
      a.mood(StubUpstream.Mood.BUSY);
      for (String body :
          List.of(GatewayFixture.chat("auto", "q"), GatewayFixture.streamed("auto", "q"))) {
        HttpResponse<String> response = gateway.post("/v1/chat/completions", body);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().map().keySet())
            .noneMatch(name -> name.startsWith("x-embedllm"));
      }
      assertThat(
              gateway
                  .post("/v1/chat/completions", GatewayFixture.chat("a", "q"))
                  .headers()
                  .map()
                  .keySet())
          .noneMatch(name -> name.startsWith("x-embedllm"));
    }
  }

  @Test
  void conversation_promptCache_makesItsModelCheaper() throws IOException {
    String first = "{\"role\":\"user\",\"content\":\"%s\"}".formatted("easy words ".repeat(800));
    String second =
        first
            + ",{\"role\":\"assistant\",\"content\":\"yes\"},{\"role\":\"user\",\"content\":\"easy again, please\"}";
    String ask = "{\"model\":\"%s\",\"messages\":[%s]}";
    String cached = "conversations: {switchingCost: 0, cacheDiscount: 0.95}\n";
    try (GatewayFixture gateway = gateway(cached, "", ", headers: {x-team: blue}")) {
      // By its name first: the conversation is a's, at ten times the price of b.
      assertThat(model(gateway.post("/v1/chat/completions", ask.formatted("a", first))))
          .isEqualTo("a");
      assertThat(model(gateway.post("/v1/chat/completions", ask.formatted("auto:dial@0", first))))
          .isEqualTo("b");
      assertThat(b.headers("x-team")).containsExactly("blue");
    }
    try (GatewayFixture gateway =
        new GatewayFixture(
            new FakeForecaster().with("a", 0.9).with("b", 0.9),
            folder,
            cached
                + "upstreams:\n  - {model: a, url: \"%s\", price: {input: 1.5, output: 0}}\n"
                    .formatted(a.url())
                + "  - {model: b, url: \"%s\", price: {input: 1, output: 0}}\n"
                    .formatted(b.url()))) {
      gateway.post("/v1/chat/completions", ask.formatted("a", first));
      String cheapest = ask.formatted("auto:cheapest@0.5", second);
      assertThat(model(gateway.post("/v1/chat/completions", cheapest))).isEqualTo("a");
      String fresh = ask.formatted("auto:cheapest@0.5", first.replace("easy", "other"));
      assertThat(model(gateway.post("/v1/chat/completions", fresh))).isEqualTo("b");
    }
  }

  @Test
  void vote_decisionAgainstAModel_isStoredAndLearnedWithItsText() throws IOException {
    try (GatewayFixture gateway = gateway("", "", "")) {
      HttpResponse<String> answered =
          gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "what is it"));
      String id = answered.headers().firstValue("x-embedllm-decision").orElse("");
      String vote = "{\"better\":\"b\",\"worse\":\"" + id + "\"}";
      HttpResponse<String> learned = gateway.post("/v1/feedback", vote);
      assertThat(learned.statusCode()).isEqualTo(200);
      assertThat(GatewayFixture.json(learned))
          .isEqualTo(GatewayFixture.json("{\"better\":\"b\",\"worse\":\"a\",\"learned\":true}"));
      assertThat(DecisionLog.read(folder.resolve("decisions.sqlite").toString()).votes())
          .extracting(ClientVote::decision, ClientVote::better, ClientVote::worse)
          .containsExactly(tuple(id, "b", "a"));
      assertThat(gateway.forecaster.learned()).containsExactly("b > a what is it");
      assertThat(gateway.post("/v1/feedback", vote).statusCode()).isEqualTo(404);
      assertThat(gateway.post("/v1/feedback", "{\"better\":\"a\"}").statusCode()).isEqualTo(400);
    }
  }

  @Test
  void vote_onADecisionAlone_isLearned() throws IOException {
    try (GatewayFixture gateway = gateway("", "", "")) {
      JsonNode decided =
          GatewayFixture.json(gateway.post("/v1/route", GatewayFixture.chat("auto", "what is it")));
      String vote =
          "{\"better\":\"b\",\"worse\":\"%s\"}".formatted(decided.get("decision").asString());
      assertThat(GatewayFixture.json(gateway.post("/v1/feedback", vote)))
          .isEqualTo(GatewayFixture.json("{\"better\":\"b\",\"worse\":\"a\",\"learned\":true}"));
      assertThat(gateway.forecaster.learned()).containsExactly("b > a what is it");
    }
  }

  @Test
  void metrics_everyPromise_isThere() throws Exception {
    a.mood(StubUpstream.Mood.BROKEN);
    try (GatewayFixture gateway = gateway("", "", "")) {
      HttpResponse<String> rescued =
          gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "q"));
      String id = rescued.headers().firstValue("x-embedllm-decision").orElse("");
      gateway.post("/v1/feedback", "{\"decision\":\"" + id + "\",\"score\":0.25}");
      gateway.post("/v1/feedback", "{\"decision\":\"" + id + "\",\"score\":1}");
      gateway.post("/v1/chat/completions", GatewayFixture.chat("a", "q"));
      String metrics = gateway.get("/metrics").body();
      assertThat(metrics)
          .contains("embedllm_requests_total{caller=\"\",model=\"b\",status=\"200\"} 1.0")
          .contains("embedllm_requests_total{caller=\"\",model=\"none\",status=\"502\"} 1.0")
          .contains("embedllm_fallbacks_total{kind=\"server_error\",upstream=\"a@127.0.0.1:")
          .contains("embedllm_tokens_total{kind=\"prompt\",model=\"b\"} 10.0")
          .contains("embedllm_errors_total{code=\"upstream_error\"} 1.0")
          .contains("embedllm_upstreams_available 2")
          // The second feedback replaces the first one in the store; a counter counts one.
          .contains("embedllm_calibration_outcomes_total{bin=\"0.6\"} 1.0")
          .contains("embedllm_calibration_score_total{bin=\"0.6\"} 0.25")
          .contains("embedllm_calibration_probability_total{bin=\"0.6\"} 0.6");
      for (String step : List.of("encode", "route", "upstream", "overhead", "total")) {
        assertThat(metrics).contains("embedllm_latency_seconds_count{step=\"" + step + "\"}");
      }
      assertThat(gateway.store.recent(5))
          .extracting(r -> r.request().answer().failed().getFirst().upstream())
          .allMatch(upstream -> upstream.startsWith("a@"));
    }
  }
}
