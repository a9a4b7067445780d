package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.embedllm.gateway.upstream.ScriptedServer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Answers in the client's own API, which pass as they come: their cost, their repeats, their ends.
@Tag("server")
class UnchangedAnswersTest {
  @TempDir private Path folder;

  private GatewayFixture gateway(String name, String url, String more) throws IOException {
    return new GatewayFixture(
        new FakeForecaster().with(name, 0.9),
        Files.createTempDirectory(folder, "gateway"),
        "upstreams:\n  - {model: %s, health: {interval: 0}, url: \"%s\"%s}\n"
            .formatted(name, url, more));
  }

  /// A request in an upstream's own API, its answer's last event where it is streamed.
  private static JsonNode asked(GatewayFixture gateway, String api, boolean stream) {
    String body =
        "{\"model\":\"x\",\"temperature\":0,\"max_%s\":99,\"stream\":%s,\"usage\":{\"include\":true},\"%s\":[{\"role\":\"user\",\"content\":\"q\"}]}"
            .formatted(
                api.equals("messages") ? "tokens" : "output_tokens",
                stream,
                api.equals("messages") ? "messages" : "input");
    HttpResponse<String> response = gateway.post("/v1/" + api, body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    if (!stream) {
      return GatewayFixture.json(response);
    }
    List<JsonNode> events =
        GatewayFixture.events(response).stream().map(GatewayFixture::json).toList();
    return api.equals("messages") ? events.get(events.size() - 2) : events.getLast();
  }

  @ParameterizedTest
  @CsvSource({
    "responses, false, /usage/cost, .00025",
    "responses, true, /response/usage/cost, .00021",
    "messages, false, /usage/cost, .00025",
    "messages, true, /usage/cost, .00021"
  })
  void answer_ofTheClientsOwnApi_hasItsCostAndIsKeptForRepeats(
      String api, boolean stream, String path, double cost) throws IOException {
    String priced = ", name: m, price: {input: 5, output: 40}, api: " + api;
    try (var stub = new StubUpstream("a");
        GatewayFixture inner = gateway("m", stub.url(), "");
        GatewayFixture outer = gateway("x", inner.url() + "/v1", priced + "}\ncache: {ttl: 1h")) {
      JsonNode first = asked(outer, api, stream);
      assertThat(first.at(path).asDouble()).as(first.toString()).isEqualTo(cost);
      JsonNode again = asked(outer, api, stream);
      assertThat(stub.calls()).isEqualTo(1);
      assertThat(again.at(path).asDouble(-1)).as(again.toString()).isZero();
    }
  }

  /// Answers each request with the same events, then closes.
  private static ScriptedServer streaming(String events) throws IOException {
    String head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    return new ScriptedServer((_, out) -> {
      out.write((head + events).getBytes(StandardCharsets.UTF_8));
      out.flush();
      return false;
    });
  }

  private static String event(String type, String more) {
    return "event: %s\ndata: {\"type\":\"%s\"%s}\n\n".formatted(type, type, more);
  }

  @Test
  void messages_withLaterCountsAndWithoutTheirEnd_areCountedAndEnded() throws IOException {
    String events =
        event(
                "message_start",
                ",\"message\":{\"id\":\"m1\",\"usage\":{\"input_tokens\":10,\"output_tokens\":1}}")
            + event(
                "content_block_start",
                ",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}")
            + event(
                "content_block_delta",
                ",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}")
            + event("content_block_stop", ",\"index\":0")
            + event(
                "message_delta",
                ",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":2}")
            + event("message_delta", ",\"delta\":{},\"usage\":{\"output_tokens\":90}");
    String chat =
        "{\"model\":\"x\",\"stream\":true,\"stream_options\":{\"include_usage\":true},\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]}";
    try (ScriptedServer server = streaming(events);
        ScriptedServer whole = streaming(events + event("message_stop", ""));
        ScriptedServer nameless =
            streaming((events + event("message_stop", "")).replaceAll("event: .*\n", ""));
        GatewayFixture unnamed =
            gateway("x", "http://127.0.0.1:" + nameless.port() + "/v1", ", api: messages");
        GatewayFixture cut =
            gateway("x", "http://127.0.0.1:" + server.port() + "/v1", ", api: messages");
        GatewayFixture ended =
            gateway("x", "http://127.0.0.1:" + whole.port() + "/v1", ", api: messages")) {
      String message =
          chat.replace("\"stream_options\":{\"include_usage\":true}", "\"max_tokens\":9");
      List<String> own = GatewayFixture.events(cut.post("/v1/messages", message));
      assertThat(GatewayFixture.json(own.getLast()).path("type").asString())
          .isEqualTo("message_stop");
      assertThat(GatewayFixture.events(unnamed.post("/v1/messages", message)))
          .isEqualTo(own.stream().map(e -> GatewayFixture.json(e).toString()).toList());
      List<String> chunks = GatewayFixture.events(ended.post("/v1/chat/completions", chat));
      assertThat(chunks.getLast()).isEqualTo("[DONE]");
      JsonNode last = GatewayFixture.json(chunks.get(chunks.size() - 2));
      assertThat(last.at("/usage/completion_tokens").asInt()).as(chunks.toString()).isEqualTo(90);
    }
  }

  @Test
  void repeat_withOtherFeatures_isAsked() throws IOException {
    String message =
        "{\"model\":\"a\",\"max_tokens\":9,\"temperature\":0,\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]}";
    try (var stub = new StubUpstream("a");
        GatewayFixture gateway = gateway("a", stub.url(), "}\ncache: {ttl: 1h")) {
      for (String features : List.of("one", "two", "one")) {
        HttpResponse<String> answer =
            gateway.post("/v1/messages", message, "anthropic-beta", features);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      }
      assertThat(stub.calls()).isEqualTo(2);
    }
  }
}
