package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.embedllm.gateway.upstream.ScriptedServer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Upstreams of the Responses and the Messages API. A second gateway in front of a chat stub plays
/// such an upstream: what one translates, the other must understand.
@Tag("server")
class UpstreamApisTest {
  private static final String TOOL =
      "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"weather\","
          + "\"parameters\":{\"type\":\"object\"}}}]";

  @TempDir private Path folder;

  private GatewayFixture inFrontOf(String name, String url, String more) throws IOException {
    Path own = Files.createTempDirectory(folder, "gateway");
    return new GatewayFixture(
        new FakeForecaster().with(name, 0.9),
        own,
        "upstreams:\n  - {model: %s, health: {interval: 0}, abilities: [tools, images, json, files], url: \"%s\"%s}\n"
            .formatted(name, url, more));
  }

  private static JsonNode firstMessage(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return GatewayFixture.json(response).at("/choices/0/message");
  }

  @ParameterizedTest
  @ValueSource(strings = {"responses", "messages"})
  void chat_atAnUpstreamOfAnotherApi_arrivesAndReturnsWhole(String api) throws IOException {
    try (var stub = new StubUpstream("a");
        GatewayFixture inner = inFrontOf("m", stub.url(), "");
        GatewayFixture outer =
            inFrontOf("x", inner.url() + "/v1", ", name: m, key: sk-1, api: " + api)) {
      HttpResponse<String> whole =
          outer.post(
              "/v1/chat/completions",
              """
              {"model":"x","max_tokens":77,"temperature":0.5,"messages":[
               {"role":"system","content":"be brief"},
               {"role":"user","content":[{"type":"text","text":"hi"},
                 {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]},
               {"role":"assistant","content":"one moment","tool_calls":[
                 {"id":"c1","type":"function","function":{"name":"f","arguments":"{\\"a\\":1}"}},
                 {"id":"c2","type":"function","function":{"name":"g","arguments":"{}"}}]},
               {"role":"tool","tool_call_id":"c1","content":"1"},
               {"role":"tool","tool_call_id":"c2","content":"2"}]}
              """);
      assertThat(firstMessage(whole).path("content").asString()).isEqualTo("I am a");
      JsonNode answer = GatewayFixture.json(whole);
      assertThat(answer.at("/choices/0/finish_reason").asString()).isEqualTo("stop");
      assertThat(answer.at("/usage/prompt_tokens").asInt()).isEqualTo(10);
      assertThat(answer.at("/usage/completion_tokens").asInt()).isEqualTo(5);

      JsonNode sent = stub.lastBody();
      assertThat(sent.path("max_completion_tokens").asInt()).isEqualTo(77);
      assertThat(sent.path("temperature").asDouble()).isEqualTo(0.5);
      JsonNode messages = sent.path("messages");
      assertThat(messages.findValuesAsString("role"))
          .containsExactly("system", "user", "assistant", "tool", "tool");
      assertThat(messages.at("/0/content").asString()).isEqualTo("be brief");
      assertThat(messages.at("/1/content/0/text").asString()).isEqualTo("hi");
      assertThat(messages.at("/1/content/1/image_url/url").asString())
          .isEqualTo("data:image/png;base64,AAAA");
      assertThat(messages.at("/2/content").asString()).isEqualTo("one moment");
      assertThat(messages.at("/2/tool_calls").size()).isEqualTo(2);
      assertThat(messages.at("/2/tool_calls/0/function/arguments").asString())
          .isEqualTo("{\"a\":1}");
      assertThat(messages.at("/4/tool_call_id").asString()).isEqualTo("c2");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"responses", "messages"})
  void toolCall_atAnUpstreamOfAnotherApi_comesWholeAndStreamed(String api) throws IOException {
    try (var stub = new StubUpstream("a");
        GatewayFixture inner = inFrontOf("m", stub.url(), "");
        GatewayFixture outer = inFrontOf("x", inner.url() + "/v1", ", name: m, api: " + api)) {
      String body =
          "{\"model\":\"x\",%s,\"tool_choice\":\"required\",\"parallel_tool_calls\":false,\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]}"
              .formatted(TOOL);
      HttpResponse<String> whole = outer.post("/v1/chat/completions", body);
      assertThat(firstMessage(whole).at("/tool_calls/0/function/name").asString())
          .isEqualTo("weather");
      assertThat(GatewayFixture.json(whole).at("/choices/0/finish_reason").asString())
          .isEqualTo("tool_calls");
      assertThat(stub.lastBody().at("/tools/0/function/name").asString()).isEqualTo("weather");
      assertThat(stub.lastBody().path("tool_choice").asString()).isEqualTo("required");
      assertThat(stub.lastBody().path("parallel_tool_calls").asBoolean(true)).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"responses", "messages"})
  void stream_atAnUpstreamOfAnotherApi_isChunksWithTheirUsage(String api) throws IOException {
    try (var stub = new StubUpstream("a");
        GatewayFixture inner = inFrontOf("m", stub.url(), "");
        GatewayFixture outer = inFrontOf("x", inner.url() + "/v1", ", name: m, api: " + api)) {
      HttpResponse<String> response =
          outer.post(
              "/v1/chat/completions",
              "{\"model\":\"x\",\"stream\":true,\"stream_options\":{\"include_usage\":true},\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]}");
      List<String> events = GatewayFixture.events(response);
      assertThat(events.getLast()).isEqualTo("[DONE]");
      List<JsonNode> chunks =
          events.subList(0, events.size() - 1).stream().map(GatewayFixture::json).toList();
      var text = new StringBuilder();
      chunks.forEach(c -> text.append(c.at("/choices/0/delta/content").asString("")));
      assertThat(text).hasToString("a w1 w2 w3");
      assertThat(chunks.getFirst().at("/choices/0/delta/role").asString()).isEqualTo("assistant");
      assertThat(chunks.get(chunks.size() - 2).at("/choices/0/finish_reason").asString())
          .isEqualTo("stop");
      assertThat(chunks.getLast().at("/usage/completion_tokens").asInt()).isEqualTo(4);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"responses", "messages"})
  void stream_thatBreaksAtAnUpstreamOfAnotherApi_endsWithItsError(String api) throws IOException {
    try (var stub = new StubUpstream("a").mood(StubUpstream.Mood.ERROR_IN_STREAM);
        GatewayFixture inner = inFrontOf("m", stub.url(), "");
        GatewayFixture outer = inFrontOf("x", inner.url() + "/v1", ", name: m, api: " + api)) {
      List<String> events =
          GatewayFixture.events(
              outer.post("/v1/chat/completions", GatewayFixture.streamed("x", "q")));
      assertThat(GatewayFixture.json(events.getLast()).at("/error/message").asString())
          .contains("out of memory");
    }
  }

  /// What an upstream of the client's own API says goes through, known here or not.
  @Test
  void messages_atAnUpstreamOfThatApi_passUnchanged() throws IOException {
    String answer =
        "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[{\"type\":\"novel\",\"x\":1},{\"type\":\"text\",\"text\":\"Hello\"}],\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":3,\"cache_read_input_tokens\":4,\"output_tokens\":2}}";
    try (var server =
            new ScriptedServer((n, out) -> {
              ScriptedServer.write(out, ScriptedServer.json(answer));
              return true;
            });
        GatewayFixture gateway =
            inFrontOf(
                "x", "http://127.0.0.1:" + server.port() + "/v1", ", name: m, api: messages")) {
      HttpResponse<String> response =
          gateway.post(
              "/v1/messages",
              "{\"model\":\"x\",\"max_tokens\":9,\"novel\":{\"a\":1},\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}");
      assertThat(response.body()).isEqualTo(answer);
      JsonNode sent = GatewayFixture.json(server.bodies().getLast());
      assertThat(server.requestLines().getLast()).startsWith("POST /v1/messages ");
      assertThat(sent.path("model").asString()).isEqualTo("m");
      assertThat(sent.at("/novel/a").asInt()).isEqualTo(1);
      assertThat(gateway.get("/metrics").body())
          .contains("embedllm_tokens_total{kind=\"prompt\",model=\"x\"} 7.0");
    }
  }

  @Test
  void responses_streamedAtAnUpstreamOfThatApi_passUnchangedAndAreFoundAgain() throws IOException {
    try (var stub = new StubUpstream("a");
        GatewayFixture inner = inFrontOf("m", stub.url(), "");
        GatewayFixture outer = inFrontOf("x", inner.url() + "/v1", ", name: m, api: responses")) {
      List<JsonNode> events =
          GatewayFixture.events(
                  outer.post("/v1/responses", "{\"model\":\"x\",\"input\":\"hi\",\"stream\":true}"))
              .stream()
              .map(GatewayFixture::json)
              .toList();
      assertThat(events.getFirst().path("type").asString()).isEqualTo("response.created");
      JsonNode last = events.getLast();
      assertThat(last.path("type").asString()).isEqualTo("response.completed");
      assertThat(last.path("sequence_number").asInt()).isEqualTo(events.size() - 1);

      HttpResponse<String> next =
          outer.post(
              "/v1/responses",
              "{\"model\":\"x\",\"input\":\"and?\",\"previous_response_id\":\"%s\"}"
                  .formatted(last.at("/response/id").asString()));
      assertThat(next.statusCode()).as(next.body()).isEqualTo(200);
      assertThat(stub.lastBody().path("messages").findValuesAsString("role"))
          .containsExactly("user", "assistant", "user");
    }
  }

  private static final String ANSWER =
      "{\"id\":\"resp_1\",\"object\":\"response\",\"status\":\"completed\",\"model\":\"m\",\"output\":[],\"usage\":{\"input_tokens\":3,\"output_tokens\":2}}";
  private static final String MESSAGE =
      "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[{\"type\":\"text\",\"text\":\"Hello\"}],\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":3,\"output_tokens\":2}}";

  private static ScriptedServer answering(String json) throws IOException {
    return new ScriptedServer((n, out) -> {
      ScriptedServer.write(out, ScriptedServer.json(json));
      return true;
    });
  }

  private GatewayFixture inFrontOf(ScriptedServer server, String api) throws IOException {
    return inFrontOf("x", "http://127.0.0.1:" + server.port() + "/v1", ", name: m, api: " + api);
  }

  /// What no chat completion can say goes to upstreams that have the client's own API.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          responses | "input":[{"type":"local_shell_call_output","id":"i","output":"x"}]
          responses | "input":[{"type":"mcp_list_tools","id":"i","server_label":"s","tools":[]}]
          responses | "input":[{"role":"user","content":[{"type":"input_image","file_id":"file_1"}]}]
          responses | "input":[{"role":"user","content":[{"type":"input_file","file_url":"http://x/y.pdf"}]}]
          responses | "prompt":{"id":"pmpt_1"}
          responses | "conversation":"conv_1","input":"hi"
          messages | "messages":[{"role":"user","content":[{"type":"search_result","source":"s","title":"t","content":[{"type":"text","text":"w"}]}]}]
          messages | "messages":[{"role":"user","content":[{"type":"container_upload","file_id":"f"},{"type":"text","text":"hi"}]}]
          messages | "messages":[{"role":"user","content":[{"type":"image","source":{"type":"file","file_id":"f"}}]}]
          messages | "messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"image","source":{"type":"file","file_id":"f"}}]}]}]
          """)
  void partsThatChatsDoNotKnow_goToTheirOwnApiAlone(String api, String fields) throws IOException {
    String body = "{\"model\":\"%s\",%s,\"max_tokens\":9}";
    try (ScriptedServer own = answering(api.equals("messages") ? MESSAGE : ANSWER);
        var chat = new StubUpstream("a");
        var gateway =
            new GatewayFixture(
                new FakeForecaster().with("chat", 0.9).with("own", 0.5),
                folder,
                """
                upstreams:
                  - {model: chat, health: {interval: 0}, abilities: [tools, images, files], url: "%s"}
                  - {model: own, health: {interval: 0}, abilities: [tools, images, files], api: %s, url: "http://127.0.0.1:%d/v1"}
                """
                    .formatted(chat.url(), api, own.port()))) {
      HttpResponse<String> chosen = gateway.post("/v1/" + api, body.formatted("auto", fields));
      assertThat(chosen.statusCode()).as(chosen.body()).isEqualTo(200);
      assertThat(chosen.headers().firstValue("x-embedllm-model")).contains("own");
      JsonNode sent = GatewayFixture.json(own.bodies().getLast());
      JsonNode asked = GatewayFixture.json("{" + fields + "}");
      asked
          .properties()
          .forEach(field -> assertThat(sent.path(field.getKey())).isEqualTo(field.getValue()));

      HttpResponse<String> named = gateway.post("/v1/" + api, body.formatted("chat", fields));
      assertThat(named.statusCode()).isEqualTo(400);
      assertThat(named.body()).contains("invalid_request_error", "api: " + api);
      assertThat(chat.calls()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"tool_choice\":\"required\",\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]",
        "\"messages\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"1\"}]"
      })
  void thinking_whereTheMessagesApiRefusesIt_isNotAskedFor(String fields) throws IOException {
    try (ScriptedServer server = answering(MESSAGE);
        GatewayFixture gateway = inFrontOf(server, "messages")) {
      String body = "{\"model\":\"x\",\"reasoning_effort\":\"low\",%s}";
      firstMessage(gateway.post("/v1/chat/completions", body.formatted(fields)));
      assertThat(GatewayFixture.json(server.bodies().getLast()).has("thinking")).isFalse();
      String plain = "\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]";
      firstMessage(gateway.post("/v1/chat/completions", body.formatted(plain)));
      assertThat(GatewayFixture.json(server.bodies().getLast()).has("thinking")).isTrue();
    }
  }

  @Test
  void turn_withoutContent_isLeftOutOfMessages() throws IOException {
    try (ScriptedServer server = answering(MESSAGE);
        GatewayFixture gateway = inFrontOf(server, "messages")) {
      firstMessage(
          gateway.post(
              "/v1/chat/completions",
              "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"\"}]}"));
      assertThat(GatewayFixture.json(server.bodies().getLast()).path("messages").size())
          .isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          messages | logprobs | "logprobs":true
          messages | tools | "tools":[{"type":"custom","custom":{"name":"c"}}]
          messages | response_format | "response_format":{"type":"json_object"}
          messages | n | "n":2
          responses | stop | "stop":["X"]
          responses | n | "n":2
          """)
  void chat_withWhatTheUpstreamsApiCannotExpress_isRefusedByName(
      String api, String field, String asked) throws IOException {
    try (ScriptedServer server = answering(MESSAGE);
        GatewayFixture gateway = inFrontOf(server, api)) {
      HttpResponse<String> refused =
          gateway.post(
              "/v1/chat/completions",
              "{\"model\":\"x\",%s,\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]}"
                  .formatted(asked));
      assertThat(refused.statusCode()).isEqualTo(400);
      assertThat(GatewayFixture.json(refused).at("/error/param").asString()).isEqualTo(field);
      assertThat(server.requests()).isZero();
    }
  }

  @Test
  void customToolsAndLogprobs_atAnUpstreamOfResponses_areThoseOfResponses() throws IOException {
    String answer =
        """
        {"id":"resp_1","object":"response","status":"completed","model":"m","output":[
         {"type":"message","role":"assistant","content":[{"type":"output_text","text":"Hi","logprobs":[{"token":"Hi","logprob":-0.5,"top_logprobs":[]}]}]},
         {"type":"custom_tool_call","call_id":"c9","name":"patch","input":"***"}],
         "usage":{"input_tokens":3,"output_tokens":2}}
        """;
    try (ScriptedServer server = answering(answer);
        GatewayFixture gateway = inFrontOf(server, "responses")) {
      HttpResponse<String> response =
          gateway.post(
              "/v1/chat/completions",
              """
              {"model":"x","logprobs":true,"top_logprobs":2,
               "tools":[{"type":"custom","custom":{"name":"patch","format":{"type":"grammar","grammar":{"syntax":"lark","definition":"d"}}}}],
               "tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"custom","custom":{"name":"patch"}}]}},
               "messages":[{"role":"user","content":"q"},
                {"role":"assistant","tool_calls":[{"id":"c1","type":"custom","custom":{"name":"patch","input":"+"}}]},
                {"role":"tool","tool_call_id":"c1","content":"done"}]}
              """);
      assertThat(firstMessage(response).at("/tool_calls/0/custom/input").asString())
          .isEqualTo("***");
      assertThat(
              GatewayFixture.json(response).at("/choices/0/logprobs/content/0/logprob").asDouble())
          .isEqualTo(-0.5);
      JsonNode sent = GatewayFixture.json(server.bodies().getLast());
      assertThat(sent.at("/include/0").asString()).isEqualTo("message.output_text.logprobs");
      assertThat(sent.at("/tools/0"))
          .isEqualTo(
              GatewayFixture.json(
                  "{\"type\":\"custom\",\"name\":\"patch\",\"format\":{\"type\":\"grammar\",\"syntax\":\"lark\",\"definition\":\"d\"}}"));
      assertThat(sent.at("/tool_choice/tools/0/name").asString()).isEqualTo("patch");
      assertThat(sent.path("input").findValuesAsString("type"))
          .containsExactly("custom_tool_call", "custom_tool_call_output");
    }
  }

  @Test
  void allowedTools_atAnUpstreamOfMessages_areTheOnlyOnes() throws IOException {
    try (ScriptedServer server = answering(MESSAGE);
        GatewayFixture gateway = inFrontOf(server, "messages")) {
      firstMessage(
          gateway.post(
              "/v1/chat/completions",
              """
              {"model":"x","tools":[{"type":"function","function":{"name":"f","strict":true}},{"type":"function","function":{"name":"g"}}],
               "tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"f"}}]}},
               "messages":[{"role":"user","content":"q"}]}
              """));
      JsonNode sent = GatewayFixture.json(server.bodies().getLast());
      assertThat(sent.path("tools").findValuesAsString("name")).containsExactly("f");
      assertThat(sent.at("/tools/0/strict").asBoolean()).isTrue();
      assertThat(sent.at("/tool_choice/type").asString()).isEqualTo("any");
    }
  }
}
