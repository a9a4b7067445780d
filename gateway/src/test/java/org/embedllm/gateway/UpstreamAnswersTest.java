package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.embedllm.gateway.observe.FailedAttempt;
import org.embedllm.gateway.upstream.ScriptedServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/// What upstreams really send, and what becomes of it.
@Tag("server")
class UpstreamAnswersTest {
  private static final String HELLO = chunk("\"content\":\"Hello\"", "null");
  private static final String STOP = chunk("", "\"stop\"");
  private static final String WHOLE =
      "{\"id\":\"1\",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":"
          + "{\"role\":\"assistant\",\"content\":\"Hello\"},\"finish_reason\":\"stop\"}],"
          + "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1,\"total_tokens\":4}}";

  @TempDir private Path folder;
  private final List<ScriptedServer> servers = new ArrayList<>();

  @AfterEach
  void close() throws IOException {
    for (ScriptedServer server : servers) {
      server.close();
    }
  }

  private static String chunk(String delta, String finish) {
    return "data: {\"id\":\"1\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,"
        + "\"delta\":{%s},\"finish_reason\":%s}]}\n\n".formatted(delta, finish);
  }

  private ScriptedServer server(ScriptedServer.Script script) throws IOException {
    var server = new ScriptedServer(script);
    servers.add(server);
    return server;
  }

  /// A server that says the same to every request.
  private ScriptedServer saying(String head, byte[] body) throws IOException {
    return server((n, out) -> {
      ScriptedServer.write(
          out,
          "HTTP/1.1 %s\r\ntransfer-encoding: chunked\r\n\r\n%x\r\n".formatted(head, body.length));
      out.write(body);
      ScriptedServer.write(out, "\r\n0\r\n\r\n");
      return true;
    });
  }

  private ScriptedServer streaming(String label, String events) throws IOException {
    return saying("200 OK" + label, events.getBytes(StandardCharsets.UTF_8));
  }

  private ScriptedServer refusing(int status, String body) throws IOException {
    return saying(
        status + " X\r\ncontent-type: application/json", body.getBytes(StandardCharsets.UTF_8));
  }

  private GatewayFixture gateway(String more, ScriptedServer... upstreams) throws IOException {
    var yaml = new StringBuilder(more).append("upstreams:\n");
    for (int i = 0; i < upstreams.length; i++) {
      yaml.append(
          "  - {model: %c, key: secret-key-of-upstream, health: {interval: 0}, url: \"http://127.0.0.1:%d/v1\"}\n"
              .formatted('a' + i, upstreams[i].port()));
    }
    return new GatewayFixture(
        new FakeForecaster().with("a", 0.9).with("b", 0.6), folder, yaml.toString());
  }

  private static HttpResponse<String> stream(GatewayFixture gateway) {
    return gateway.post("/v1/chat/completions", GatewayFixture.streamed("a", "hi"));
  }

  private static JsonNode error(HttpResponse<String> response) {
    return GatewayFixture.json(response).path("error");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\r\ncontent-type: text/event-stream",
        "\r\ncontent-type: text/plain",
        "\r\ncontent-type: application/json",
        ""
      })
  void stream_anyLabelAndNoDone_isCompleteAfterAFinishReason(String label) throws IOException {
    try (GatewayFixture gateway = gateway("", streaming(label, HELLO + STOP))) {
      for (int i = 0; i < 7; i++) {
        HttpResponse<String> response = stream(gateway);
        assertThat(response.headers().firstValue("content-type").orElse(""))
            .startsWith("text/event-stream");
        assertThat(GatewayFixture.events(response)).hasSize(3).endsWith("[DONE]");
        assertThat(response.body()).doesNotContain("\"error\"");
      }
    }
  }

  @Test
  void stream_endWithoutFinishReason_isAnError() throws IOException {
    try (GatewayFixture gateway =
        gateway("", streaming("\r\ncontent-type: text/event-stream", HELLO))) {
      HttpResponse<String> response = stream(gateway);
      assertThat(GatewayFixture.events(response)).hasSize(2);
      assertThat(
              GatewayFixture.json(GatewayFixture.events(response).getLast())
                  .at("/error/code")
                  .asString())
          .isEqualTo("upstream_cut");
      assertThat(gateway.get("/metrics").body())
          .contains("embedllm_upstream_errors_total{kind=\"cut\",upstream=\"a@127.0.0.1:");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r", "\r\n"})
  void stream_anyLineEndsBehindAByteOrderMark_isRead(String end) throws IOException {
    String events = "\uFEFF" + (HELLO + STOP + "data: [DONE]\n\n").replace("\n", end);
    try (GatewayFixture gateway =
        gateway("", streaming("\r\ncontent-type: text/event-stream", events))) {
      assertThat(GatewayFixture.events(stream(gateway))).hasSize(3).endsWith("[DONE]");
    }
  }

  @Test
  void stream_namesOfEvents_arePassedOn() throws IOException {
    try (GatewayFixture gateway = gateway("", streaming("", "event: chunk\n" + HELLO + STOP))) {
      assertThat(stream(gateway).body()).startsWith("event: chunk\ndata: {");
    }
  }

  @Test
  void stream_answeredWhole_becomesChunks() throws IOException {
    try (GatewayFixture gateway =
        gateway("", streaming("\r\ncontent-type: application/json", WHOLE))) {
      List<String> events = GatewayFixture.events(stream(gateway));
      assertThat(events).hasSize(2).endsWith("[DONE]");
      JsonNode chunk = GatewayFixture.json(events.getFirst());
      assertThat(chunk.path("object").asString()).isEqualTo("chat.completion.chunk");
      assertThat(chunk.at("/choices/0/delta/content").asString()).isEqualTo("Hello");
    }
  }

  @Test
  void stream_errorFirst_isToldInTheWordsOfTheUpstream() throws IOException {
    String error =
        "data: {\"error\":{\"message\":\"no GPU left on node 7\\nkey secret-key-of-upstream\"}}\n\n";
    try (GatewayFixture gateway = gateway("", streaming("", error))) {
      HttpResponse<String> response = stream(gateway);
      assertThat(response.statusCode()).isEqualTo(502);
      assertThat(error(response).path("message").asString())
          .contains("the first event is an error: no GPU left on node 7 key ****");
    }
  }

  @Test
  void stream_commentsWhileItThinks_keepItAliveAndReachTheClient() throws IOException {
    ScriptedServer thinking =
        server((n, out) -> {
          ScriptedServer.write(out, "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n");
          breathe(out);
          ScriptedServer.write(out, HELLO);
          breathe(out);
          ScriptedServer.write(out, STOP + "data: [DONE]\n\n");
          return false;
        });
    String yaml =
        "upstreams:\n  - {model: a, health: {interval: 0}, timeouts: {firstByte: 1500ms, idle: 1500ms},"
            + " url: \"http://127.0.0.1:%d/v1\"}\n".formatted(thinking.port());
    try (var gateway = new GatewayFixture(new FakeForecaster().with("a", 0.9), folder, yaml)) {
      HttpResponse<String> response = stream(gateway);
      assertThat(GatewayFixture.events(response)).hasSize(3).endsWith("[DONE]");
      assertThat(response.body()).contains("\n: keep-alive\n\n");
    }
  }

  private static void breathe(OutputStream out) throws IOException {
    for (int i = 0; i < 12; i++) {
      ScriptedServer.write(out, ": working\n\n");
      pause(150);
    }
  }

  private static void pause(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void stream_longSilenceBeforeTheFirstEvent_clientGetsCommentsThenTheAnswer() throws IOException {
    ScriptedServer slow =
        server((n, out) -> {
          pause(1_500);
          ScriptedServer.write(out, "HTTP/1.1 200 OK\r\n\r\n" + HELLO + STOP + "data: [DONE]\n\n");
          return false;
        });
    try (GatewayFixture gateway = gateway("limits: {keepAlive: 200ms, gracePeriod: 1s}\n", slow)) {
      HttpResponse<String> response = stream(gateway);
      assertThat(response.body()).startsWith(": keep-alive\n\n");
      assertThat(GatewayFixture.events(response)).hasSize(3).endsWith("[DONE]");
    }
  }

  @Test
  void stream_failureAfterComments_isAnEvent() throws IOException {
    ScriptedServer slow =
        server((n, out) -> {
          pause(1_500);
          ScriptedServer.write(
              out, "HTTP/1.1 500 X\r\ncontent-length: 20\r\n\r\n{\"error\":\"no GPU\"}  ");
          return false;
        });
    try (GatewayFixture gateway = gateway("limits: {keepAlive: 200ms, gracePeriod: 1s}\n", slow)) {
      HttpResponse<String> response = stream(gateway);
      assertThat(response.statusCode()).isEqualTo(200);
      String last = GatewayFixture.events(response).getLast();
      assertThat(GatewayFixture.json(last).at("/error/message").asString()).contains("no GPU");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate"})
  void answer_compressed_isRead(String encoding) throws IOException {
    byte[] whole = compressed(encoding, WHOLE);
    byte[] events = compressed(encoding, HELLO + STOP + "data: [DONE]\n\n");
    try (GatewayFixture gateway =
        gateway(
            "",
            saying("200 OK\r\ncontent-encoding: " + encoding, whole),
            saying("200 OK\r\ncontent-encoding: " + encoding, events))) {
      HttpResponse<String> plain =
          gateway.post("/v1/chat/completions", GatewayFixture.chat("a", "hi"));
      assertThat(GatewayFixture.json(plain).at("/choices/0/message/content").asString())
          .isEqualTo("Hello");
      HttpResponse<String> streamed =
          gateway.post("/v1/chat/completions", GatewayFixture.streamed("b", "hi"));
      assertThat(GatewayFixture.events(streamed)).hasSize(3);
    }
  }

  private static byte[] compressed(String encoding, String text) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (OutputStream out =
        encoding.equals("gzip") ? new GZIPOutputStream(bytes) : new DeflaterOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  @Test
  void url_withAQuery_keepsItBehindEveryPath() throws Exception {
    ScriptedServer azure = streaming("", WHOLE);
    String yaml =
        "upstreams:\n  - {model: a, url: \"http://127.0.0.1:%d/openai/deployments/x?api-version=1\"}\n"
            .formatted(azure.port());
    try (var gateway = new GatewayFixture(new FakeForecaster().with("a", 0.9), folder, yaml)) {
      assertThat(gateway.post("/v1/chat/completions", GatewayFixture.chat("a", "hi")).statusCode())
          .isEqualTo(200);
      Eventually.holds(() -> azure.requestLines().size() >= 2);
    }
    assertThat(azure.requestLines())
        .contains(
            "POST /openai/deployments/x/chat/completions?api-version=1 HTTP/1.1",
            "GET /openai/deployments/x/models?api-version=1 HTTP/1.1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          400 | {"error":{"message":"Unsupported value: 'temperature'","param":"temperature","code":"unsupported_value"}}
          422 | {"detail":[{"loc":["body","temperature"],"msg":"Extra inputs are not permitted","type":"extra_forbidden"}]}
          400 | {"message":"temperature: Extra inputs are not permitted"}
          """)
  void auto_parameterRefused_asksTheNextAndRemembersIt(int status, String body) throws IOException {
    ScriptedServer refusing = refusing(status, body);
    ScriptedServer taking = streaming("", WHOLE);
    String request =
        "{\"model\":\"auto\",\"temperature\":0.2,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    try (GatewayFixture gateway = gateway("", refusing, taking)) {
      for (int i = 0; i < 2; i++) {
        HttpResponse<String> response = gateway.post("/v1/chat/completions", request);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("x-embedllm-model")).contains("b");
      }
      assertThat(refusing.requests()).isEqualTo(1);
    }
  }

  @Test
  void hint_ofAResponseRefusedByANamedModel_isLeftOutForIt() throws IOException {
    String refusal =
        "{\"error\":{\"message\":\"Unrecognized request argument supplied: verbosity\",\"param\":\"verbosity\"}}";
    ScriptedServer upstream =
        server((n, out) -> {
          String body = n == 0 ? refusal : WHOLE;
          ScriptedServer.write(
              out,
              "HTTP/1.1 %d X\r\ncontent-length: %d\r\n\r\n%s"
                  .formatted(n == 0 ? 400 : 200, body.length(), body));
          return true;
        });
    try (GatewayFixture gateway = gateway("", upstream)) {
      String request = "{\"model\":\"a\",\"input\":\"hi\",\"text\":{\"verbosity\":\"low\"}}";
      assertThat(gateway.post("/v1/responses", request).statusCode()).isEqualTo(200);
      assertThat(gateway.post("/v1/responses", request).statusCode()).isEqualTo(200);
    }
    assertThat(upstream.bodies())
        .extracting(body -> GatewayFixture.json(body).path("verbosity").asString(""))
        .containsExactly("low", "", "");
  }

  @Test
  void hint_refusedThoughLeftOut_isAskedOnceMoreAndThenTheNext() throws IOException {
    String refusal =
        "{\"error\":{\"message\":\"verbosity is not supported\",\"param\":\"verbosity\"}}";
    ScriptedServer stubborn =
        server((n, out) -> {
          ScriptedServer.write(
              out,
              "HTTP/1.1 400 X\r\ncontent-length: %d\r\n\r\n%s"
                  .formatted(refusal.length(), refusal));
          return true;
        });
    ScriptedServer other =
        server((n, out) -> {
          ScriptedServer.write(out, ScriptedServer.json(WHOLE));
          return true;
        });
    try (GatewayFixture gateway = gateway("", stubborn, other)) {
      String request = "{\"model\":\"auto\",\"input\":\"hi\",\"text\":{\"verbosity\":\"low\"}}";
      assertThat(gateway.post("/v1/responses", request).statusCode()).isEqualTo(200);
    }
    assertThat(stubborn.bodies()).hasSize(2);
    assertThat(other.bodies()).hasSize(1);
  }

  @Test
  void auto_everybodyRefuses_400InTheWordsOfTheUpstream() throws IOException {
    String body = "{\"error\":{\"message\":\"audio is not supported\",\"code\":\"x\"}}";
    try (GatewayFixture gateway = gateway("", refusing(400, body), refusing(400, body))) {
      HttpResponse<String> response =
          gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "hi"));
      assertThat(response.statusCode()).isEqualTo(400);
      assertThat(error(response).path("message").asString()).isEqualTo("audio is not supported");
    }
  }

  @Test
  void unsupported_configuredToBeDropped_isLeftOut() throws IOException {
    ScriptedServer upstream = streaming("", WHOLE);
    String yaml =
        "upstreams:\n  - {model: a, health: {interval: 0}, unsupported: [temperature], onUnsupported: drop,"
            + " url: \"http://127.0.0.1:%d/v1\"}\n".formatted(upstream.port());
    try (var gateway = new GatewayFixture(new FakeForecaster().with("a", 0.9), folder, yaml)) {
      gateway.post(
          "/v1/chat/completions",
          "{\"model\":\"a\",\"temperature\":0.2,\"top_p\":1,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}");
    }
    assertThat(GatewayFixture.json(upstream.bodies().getFirst()).has("temperature")).isFalse();
    assertThat(GatewayFixture.json(upstream.bodies().getFirst()).has("top_p")).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"input_audio,audio", "file,files", "video_url,video"})
  void auto_partsOfOtherKinds_areNeedsLikeImages(String part, String ability) throws IOException {
    String request =
        "{\"model\":\"auto\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"%s\",\"%s\":{}}]}]}"
            .formatted(part, part);
    ScriptedServer upstream = streaming("", WHOLE);
    try (GatewayFixture gateway = gateway("", upstream)) {
      HttpResponse<String> response = gateway.post("/v1/chat/completions", request);
      assertThat(response.statusCode()).isEqualTo(400);
      assertThat(error(response).path("message").asString())
          .contains("the request needs " + ability);
    }
    assertThat(upstream.requests()).isZero();
  }

  @Test
  void quota_usedUp_isADeadAccountNotABusyOne() throws IOException {
    String body =
        "{\"error\":{\"message\":\"You exceeded your current quota\",\"code\":\"insufficient_quota\"}}";
    ScriptedServer poor = refusing(429, body);
    try (GatewayFixture gateway = gateway("", poor, streaming("", WHOLE))) {
      HttpResponse<String> named =
          gateway.post("/v1/chat/completions", GatewayFixture.chat("a", "hi"));
      assertThat(named.statusCode()).isEqualTo(502);
      assertThat(error(named).path("message").asString())
          .contains("You exceeded your current quota");
      HttpResponse<String> auto =
          gateway.post("/v1/chat/completions", GatewayFixture.chat("auto", "hi"));
      assertThat(auto.headers().firstValue("x-embedllm-model")).contains("b");
      assertThat(poor.requests()).isEqualTo(1);
    }
  }

  @Test
  void failure_withWords_isToldWithoutSecretsAndInTheStore() throws Exception {
    String body = "{\"error\":{\"message\":\"no GPU left; key Bearer secret-key-of-upstream\"}}";
    try (GatewayFixture gateway = gateway("", refusing(502, body))) {
      HttpResponse<String> response =
          gateway.post("/v1/chat/completions", GatewayFixture.chat("a", "hi"));
      assertThat(error(response).path("message").asString())
          .contains("it answered 502: no GPU left; key ****")
          .doesNotContain("secret-key");
      Optional<String> id = response.headers().firstValue("x-embedllm-decision");
      gateway.post("/v1/feedback", "{\"decision\":\"%s\",\"score\":1}".formatted(id.orElse("")));
      assertThat(gateway.store.recent(1).getFirst().request().answer().failed().getFirst().detail())
          .contains("no GPU left");
    }
  }

  @Test
  void request_notInUtf8_isRefused() throws IOException {
    try (GatewayFixture gateway = gateway("", streaming("", WHOLE))) {
      HttpResponse<String> response =
          gateway.post(
              "/v1/chat/completions",
              new String(
                  GatewayFixture.chat("a", "hi").getBytes(StandardCharsets.UTF_16LE),
                  StandardCharsets.ISO_8859_1));
      assertThat(response.statusCode()).isEqualTo(400);
      assertThat(error(response).path("code").asString()).isEqualTo("invalid_encoding");
    }
  }

  private static final String IMAGE =
      "{\"model\":\"auto\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"http://x\"}}]}]}";
  private static final String TOOLS =
      "{\"model\":\"auto\",\"tool_choice\":\"auto\",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]}";
  private static final String SEED =
      "{\"model\":\"auto\",\"seed\":1,\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]}";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          IMAGE | {"error":{"message":"Invalid content type. image_url is only supported by certain models.","param":"messages.[0].content.[0].type"}}
          IMAGE | {"error":{"message":"m is not a multimodal model"}}
          IMAGE | {"object":"error","message":"At most 0 image(s) may be provided in one prompt.","type":"BadRequestError","code":400}
          TOOLS | {"error":{"message":"tools is not supported in this model"}}
          TOOLS | {"error":{"message":"tool_choice is not supported"}}
          TOOLS | {"object":"error","message":"\\"auto\\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set","code":400}
          SEED | {"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","seed"],"msg":"Extra inputs are not permitted"}]},"type":"invalid_request_error"}
          SEED | [{"error":{"code":400,"message":"Invalid JSON payload received. Unknown name \\"seed\\": Cannot find field.","status":"INVALID_ARGUMENT"}}]
          """)
  void auto_refusalInAnyWords_asksTheNextAndRemembersIt(String what, String body)
      throws IOException {
    String request = what.equals("IMAGE") ? IMAGE : what.equals("TOOLS") ? TOOLS : SEED;
    ScriptedServer refusing = refusing(400, body.replace("\\\\\"", "\\\""));
    ScriptedServer taking = streaming("", WHOLE);
    try (GatewayFixture gateway = able(refusing, taking)) {
      for (int i = 0; i < 2; i++) {
        HttpResponse<String> response = gateway.post("/v1/chat/completions", request);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.headers().firstValue("x-embedllm-model")).contains("b");
      }
      assertThat(refusing.requests()).isEqualTo(1);
    }
  }

  @Test
  void auto_abilityRefused_isRememberedWhereParametersAreDroppedToo() throws IOException {
    ScriptedServer refusing =
        refusing(400, "{\"error\":{\"message\":\"m is not a multimodal model\"}}");
    ScriptedServer taking = streaming("", WHOLE);
    try (GatewayFixture gateway = able("onUnsupported: drop, ", refusing, taking)) {
      gateway.post("/v1/chat/completions", IMAGE);
      HttpResponse<String> again = gateway.post("/v1/chat/completions", IMAGE);
      assertThat(again.headers().firstValue("x-embedllm-model")).contains("b");
    }
    assertThat(refusing.requests()).isEqualTo(1);
    assertThat(taking.requests()).isEqualTo(2);
  }

  private GatewayFixture able(ScriptedServer... upstreams) throws IOException {
    return able("", upstreams);
  }

  private GatewayFixture able(String settings, ScriptedServer... upstreams) throws IOException {
    var yaml = new StringBuilder("upstreams:\n");
    for (int i = 0; i < upstreams.length; i++) {
      yaml.append(
          "  - {model: %c, health: {interval: 0}, %sabilities: [images, tools], url: \"http://127.0.0.1:%d/v1\"}\n"
              .formatted('a' + i, settings, upstreams[i].port()));
    }
    return new GatewayFixture(
        new FakeForecaster().with("a", 0.9).with("b", 0.6), folder, yaml.toString());
  }

  /// One bad image says nothing of others.
  @Test
  void auto_formatOfAnImageRefused_isNotRemembered() throws IOException {
    ScriptedServer refusing =
        refusing(400, "{\"error\":{\"message\":\"The image format tiff is not supported\"}}");
    try (GatewayFixture gateway = able(refusing, streaming("", WHOLE))) {
      gateway.post("/v1/chat/completions", IMAGE);
      gateway.post("/v1/chat/completions", IMAGE);
      assertThat(refusing.requests()).isEqualTo(2);
    }
  }

  @Test
  void refusal_passedOn_isInLogAndStoreWithItsCodeAndWithoutSecrets() throws Exception {
    var lines = new ListAppender<ILoggingEvent>();
    lines.start();
    var log = (Logger) LoggerFactory.getLogger("embedllm.requests");
    log.addAppender(lines);
    log.setLevel(Level.WARN);
    log.setAdditive(false);
    String body =
        "{\"error\":{\"message\":\"too hot; key secret-key-of-upstream\",\"code\":\"bad_value\"}}";
    try (GatewayFixture gateway = gateway("", refusing(400, body))) {
      HttpResponse<String> response =
          gateway.post("/v1/chat/completions", GatewayFixture.chat("a", "hi"));
      assertThat(response.statusCode()).isEqualTo(400);
      Optional<String> id = response.headers().firstValue("x-embedllm-decision");
      gateway.post("/v1/feedback", "{\"decision\":\"%s\",\"score\":1}".formatted(id.orElse("")));
      FailedAttempt failed =
          gateway.store.recent(1).getFirst().request().answer().failed().getFirst();
      assertThat(failed.kind()).isEqualTo("refused");
      assertThat(failed.detail()).isEqualTo("it answered 400: too hot; key **** (bad_value)");
      assertThat(gateway.get("/metrics").body()).doesNotContain("embedllm_fallbacks_total{");
    } finally {
      log.detachAppender(lines);
      log.setLevel(null);
      log.setAdditive(true);
    }
    assertThat(lines.list.toString()).doesNotContain("secret-key");
    assertThat(lines.list)
        .anySatisfy(line ->
            assertThat(line.getKeyValuePairs().toString())
                .contains("it answered 400: too hot; key **** (bad_value)"));
  }

  @Test
  void answer_streamedThoughNotAskedFor_isPutTogether() throws IOException {
    String events =
        chunk("\"role\":\"assistant\",\"content\":\"Hel\"", "null")
            + chunk("\"content\":\"lo\"", "null")
            + chunk(
                "\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":\"}}]",
                "null")
            + chunk(
                "\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"1}\"}}]",
                "\"tool_calls\"")
            + "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n";
    try (GatewayFixture gateway = gateway("", streaming("", events))) {
      HttpResponse<String> response =
          gateway.post("/v1/chat/completions", GatewayFixture.chat("a", "hi"));
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      JsonNode answer = GatewayFixture.json(response);
      assertThat(answer.path("object").asString()).isEqualTo("chat.completion");
      assertThat(answer.at("/choices/0/message/content").asString()).isEqualTo("Hello");
      assertThat(answer.at("/choices/0/message/tool_calls/0/function/arguments").asString())
          .isEqualTo("{\"a\":1}");
      assertThat(answer.at("/choices/0/finish_reason").asString()).isEqualTo("tool_calls");
      assertThat(answer.at("/usage/completion_tokens").asInt()).isEqualTo(2);
    }
  }

  /// An upstream without custom tools may well have functions.
  @Test
  void auto_customToolRefused_asksTheNextAndRemembersNothing() throws IOException {
    ScriptedServer refusing =
        refusing(
            400,
            "{\"detail\":[{\"loc\":[\"body\",\"tools\",0,\"type\"],\"msg\":\"Input should be 'function'\",\"type\":\"literal_error\"}]}");
    String custom =
        "{\"model\":\"auto\",\"tools\":[{\"type\":\"custom\",\"custom\":{\"name\":\"c\"}}],\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]}";
    try (GatewayFixture gateway = able(refusing, streaming("", WHOLE))) {
      for (int i = 0; i < 2; i++) {
        assertThat(gateway.post("/v1/chat/completions", custom).headers().map())
            .containsEntry("x-embedllm-model", List.of("b"));
      }
      assertThat(refusing.requests()).isEqualTo(2);
    }
  }
}
