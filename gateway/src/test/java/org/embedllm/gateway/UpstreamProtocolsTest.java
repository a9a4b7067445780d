package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.embedllm.gateway.upstream.ScriptedServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The Responses API and the Messages API in front of upstreams that know chat completions alone.
@Tag("server")
class UpstreamProtocolsTest {
  private static final String USAGE =
      "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":5,\"total_tokens\":14,"
          + "\"prompt_tokens_details\":{\"cached_tokens\":4},"
          + "\"completion_tokens_details\":{\"reasoning_tokens\":2}}";
  private static final String TEXT =
      String.join(
          "\n\n",
          "data: {\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"reasoning_content\":\"hm\"}}]}",
          "data: {\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel\"}}]}",
          "data: {\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"lo\"}}]}",
          "data: {\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}",
          "data: {\"model\":\"m\",\"choices\":[],%s}".formatted(USAGE),
          "data: [DONE]",
          "");
  private static final String CALLS =
      String.join(
          "\n\n",
          "data: {\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"weather\",\"arguments\":\"{\\\"city\\\"\"}}]}}]}",
          "data: {\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":1,\"id\":\"call_2\",\"type\":\"function\",\"function\":{\"name\":\"weather\",\"arguments\":\"{}\"}}]}}]}",
          "data: {\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\":\\\"Oslo\\\"}\"}}]}}]}",
          "data: {\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}",
          "data: [DONE]",
          "");
  private static final String WHOLE =
      "{\"model\":\"m\",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hello\",\"reasoning_content\":\"hm\"},\"finish_reason\":\"stop\"}],%s}"
          .formatted(USAGE);

  private static final String CUSTOM =
      """
      {"model":"m","object":"chat.completion","choices":[{"index":0,"finish_reason":"tool_calls",
       "logprobs":{"content":[{"token":"Hi","logprob":-0.5,"top_logprobs":[]}]},
       "message":{"role":"assistant","content":"Hi","tool_calls":[{"id":"c9","type":"custom","custom":{"name":"patch","input":"***"}}]}}]}
      """;
  private static final String STREAM =
      String.join(
          "\n\n",
          "data: {\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"logprobs\":{\"content\":[{\"token\":\"Hi\",\"logprob\":-0.5,\"top_logprobs\":[]}]}}]}",
          "data: {\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c9\",\"type\":\"custom\",\"custom\":{\"name\":\"patch\",\"input\":\"**\"}}]}}]}",
          "data: {\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"custom\":{\"input\":\"*\"}}]}}]}",
          "data: {\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"length\"}]}",
          "data: [DONE]",
          "");

  @TempDir private Path folder;
  private final List<ScriptedServer> upstreams = new ArrayList<>();
  private GatewayFixture gateway;

  @BeforeEach
  void open() throws IOException {
    var yaml = new StringBuilder("upstreams:\n");
    for (String[] each :
        new String[][] {
          {"text", TEXT},
          {"calls", CALLS},
          {"whole", WHOLE},
          {"broken", "x"},
          {"custom", CUSTOM},
          {"stream", STREAM},
          {
            "cut",
            WHOLE.replace("\"stop\"", "\"length\"").replace(",\"reasoning_content\":\"hm\"", "")
          }
        }) {
      ScriptedServer server = server(each[1], each[0].equals("broken") ? 500 : 200);
      upstreams.add(server);
      yaml.append(
          "  - {model: %s, health: {interval: 0}, abilities: [tools, images, files, json], url: \"http://127.0.0.1:%d/v1\"}\n"
              .formatted(each[0], server.port()));
    }
    gateway =
        new GatewayFixture(
            new FakeForecaster().with("text", 0.9).with("calls", 0.5), folder, yaml.toString());
  }

  private static ScriptedServer server(String body, int status) throws IOException {
    return new ScriptedServer((n, out) -> {
      ScriptedServer.write(
          out,
          "HTTP/1.1 %d X\r\ncontent-length: %d\r\n\r\n%s"
              .formatted(status, body.getBytes(StandardCharsets.UTF_8).length, body));
      return true;
    });
  }

  @AfterEach
  void close() throws IOException {
    gateway.close();
    for (ScriptedServer upstream : upstreams) {
      upstream.close();
    }
  }

  private HttpResponse<String> ask(String path, String model, String more) {
    return gateway.post(path, "{\"model\":\"%s\",%s}".formatted(model, more));
  }

  /// The last request that an upstream got.
  private JsonNode sent(int upstream) {
    return GatewayFixture.json(upstreams.get(upstream).bodies().getLast());
  }

  private static List<JsonNode> events(HttpResponse<String> response) {
    return GatewayFixture.events(response).stream().map(GatewayFixture::json).toList();
  }

  private static List<String> types(List<JsonNode> events) {
    return events.stream().map(e -> e.path("type").asString()).toList();
  }

  @Test
  void responses_plain_isAResponseWithItsItems() {
    JsonNode response =
        GatewayFixture.json(
            ask(
                "/v1/responses",
                "whole",
                """
                "instructions":"be brief","input":[{"role":"user","content":[{"type":"input_text","text":"hi"},
                {"type":"input_image","image_url":"http://x/y.png"}]},
                {"type":"reasoning","summary":[]},
                {"type":"function_call","call_id":"c1","name":"f","arguments":"{}"},
                {"type":"function_call","call_id":"c2","name":"g","arguments":"{}"},
                {"type":"function_call_output","call_id":"c1","output":"1"}],
                "tools":[{"type":"function","name":"f","parameters":{"type":"object"},"strict":true},{"type":"web_search"}],
                "text":{"format":{"type":"json_schema","name":"s","schema":{"type":"object"}},"verbosity":"low"},
                "reasoning":{"effort":"low","summary":"auto"},"max_output_tokens":50,"include":["x"],
                "truncation":"auto","metadata":{"a":"b"},"store":false
                """));
    assertThat(response.path("object").asString()).isEqualTo("response");
    assertThat(response.path("status").asString()).isEqualTo("completed");
    assertThat(response.at("/output/0/type").asString()).isEqualTo("reasoning");
    assertThat(response.at("/output/0/summary/0/text").asString()).isEqualTo("hm");
    assertThat(response.at("/output/1/content/0/text").asString()).isEqualTo("Hello");
    assertThat(response.at("/usage/input_tokens").asInt()).isEqualTo(9);
    assertThat(response.at("/usage/output_tokens_details/reasoning_tokens").asInt()).isEqualTo(2);
    assertThat(response.at("/metadata/a").asString()).isEqualTo("b");

    JsonNode chat = sent(2);
    assertThat(chat.at("/messages/0/role").asString()).isEqualTo("system");
    assertThat(chat.at("/messages/1/content/1/image_url/url").asString())
        .isEqualTo("http://x/y.png");
    assertThat(chat.at("/messages/2/tool_calls").size()).isEqualTo(2);
    assertThat(chat.at("/messages/3/tool_call_id").asString()).isEqualTo("c1");
    assertThat(chat.path("tools").size()).isEqualTo(1);
    assertThat(chat.at("/tools/0/function/strict").asBoolean()).isTrue();
    assertThat(chat.at("/response_format/json_schema/name").asString()).isEqualTo("s");
    assertThat(chat.path("reasoning_effort").asString()).isEqualTo("low");
    assertThat(chat.path("max_completion_tokens").asInt()).isEqualTo(50);
  }

  @Test
  void responses_streamed_sendsTheSemanticEventsInTheirOrder() {
    HttpResponse<String> response =
        ask("/v1/responses", "text", "\"input\":\"hi\",\"stream\":true");
    List<JsonNode> events = events(response);
    assertThat(types(events))
        .containsExactly(
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.reasoning_summary_part.added",
            "response.reasoning_summary_text.delta",
            "response.reasoning_summary_text.done",
            "response.reasoning_summary_part.done",
            "response.output_item.done",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.completed");
    for (int i = 0; i < events.size(); i++) {
      assertThat(events.get(i).path("sequence_number").asInt()).isEqualTo(i);
    }
    JsonNode done = events.getLast().path("response");
    assertThat(done.at("/output/1/content/0/text").asString()).isEqualTo("Hello");
    assertThat(done.at("/usage/input_tokens_details/cached_tokens").asInt()).isEqualTo(4);
    assertThat(response.body()).contains("event: response.completed\n");
  }

  @Test
  void responses_parallelCallsThatGrowSideBySide_areTwoItems() {
    List<JsonNode> events =
        events(ask("/v1/responses", "calls", "\"input\":\"hi\",\"stream\":true"));
    JsonNode output = events.getLast().at("/response/output");
    assertThat(output.size()).isEqualTo(2);
    assertThat(output.at("/0/call_id").asString()).isEqualTo("call_1");
    assertThat(output.at("/0/arguments").asString()).isEqualTo("{\"city\":\"Oslo\"}");
    assertThat(output.at("/1/arguments").asString()).isEqualTo("{}");
    for (JsonNode event : events) {
      if (event.path("type").asString().equals("response.output_item.done")) {
        JsonNode item = event.path("item");
        assertThat(output.get(event.path("output_index").asInt()).path("id"))
            .isEqualTo(item.path("id"));
      }
    }
  }

  @Test
  void responses_laterTurns_findItemsAndResponsesThatWereMadeHere() {
    JsonNode first = GatewayFixture.json(ask("/v1/responses", "whole", "\"input\":\"hi\""));
    String item = first.at("/output/1/id").asString();
    ask(
        "/v1/responses",
        "whole",
        "\"input\":[{\"type\":\"item_reference\",\"id\":\"%s\"},{\"role\":\"user\",\"content\":\"go on\"}]"
            .formatted(item));
    assertThat(sent(2).at("/messages/0/content").asString()).isEqualTo("Hello");
    ask(
        "/v1/responses",
        "whole",
        "\"previous_response_id\":\"%s\",\"input\":\"go on\""
            .formatted(first.path("id").asString()));
    assertThat(sent(2).path("messages").size()).isEqualTo(3);
    HttpResponse<String> unknown =
        ask("/v1/responses", "whole", "\"input\":[{\"type\":\"item_reference\",\"id\":\"msg_0\"}]");
    assertThat(unknown.statusCode()).isEqualTo(400);
    assertThat(unknown.body()).contains("msg_0");
    assertThat(
            ask("/v1/responses", "whole", "\"previous_response_id\":\"resp_0\",\"input\":\"x\"")
                .body())
        .contains("resp_0");
  }

  @Test
  void responses_failure_hasOpenAisShape() {
    HttpResponse<String> failed = ask("/v1/responses", "broken", "\"input\":\"hi\"");
    assertThat(failed.statusCode()).isEqualTo(502);
    assertThat(GatewayFixture.json(failed).at("/error/code").asString())
        .isEqualTo("upstream_error");
  }

  @Test
  void messages_plain_isAMessageWithItsBlocks() {
    JsonNode message =
        GatewayFixture.json(
            ask(
                "/v1/messages",
                "whole",
                """
                "max_tokens":50,"system":[{"type":"text","text":"be brief","cache_control":{"type":"ephemeral"}}],
                "thinking":{"type":"enabled","budget_tokens":1024},"stop_sequences":["X"],
                "tools":[{"name":"f","description":"d","input_schema":{"type":"object"}},{"type":"web_search_20250305","name":"web_search"}],
                "tool_choice":{"type":"any","disable_parallel_tool_use":true},
                "messages":[{"role":"user","content":[{"type":"text","text":"look"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]},
                {"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"},{"type":"text","text":"ok"},{"type":"tool_use","id":"toolu_1","name":"f","input":{"a":1}}]},
                {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"text","text":"42"}]},{"type":"text","text":"and?"}]}]
                """));
    assertThat(message.path("type").asString()).isEqualTo("message");
    assertThat(message.at("/content/0/thinking").asString()).isEqualTo("hm");
    assertThat(message.at("/content/1/text").asString()).isEqualTo("Hello");
    assertThat(message.path("stop_reason").asString()).isEqualTo("end_turn");
    assertThat(message.at("/usage/input_tokens").asInt()).isEqualTo(5);
    assertThat(message.at("/usage/cache_read_input_tokens").asInt()).isEqualTo(4);

    JsonNode chat = sent(2);
    assertThat(chat.at("/messages/0/content").asString()).isEqualTo("be brief");
    assertThat(chat.at("/messages/1/content/1/image_url/url").asString())
        .isEqualTo("data:image/png;base64,AAAA");
    assertThat(chat.at("/messages/2/content").asString()).isEqualTo("ok");
    assertThat(chat.at("/messages/2/tool_calls/0/function/arguments").asString())
        .isEqualTo("{\"a\":1}");
    assertThat(chat.at("/messages/3/role").asString()).isEqualTo("tool");
    assertThat(chat.at("/messages/3/content").asString()).isEqualTo("42");
    assertThat(chat.at("/messages/4/content/0/text").asString()).isEqualTo("and?");
    assertThat(chat.path("tools").size()).isEqualTo(1);
    assertThat(chat.path("tool_choice").asString()).isEqualTo("required");
    assertThat(chat.path("parallel_tool_calls").asBoolean(true)).isFalse();
    assertThat(chat.at("/stop/0").asString()).isEqualTo("X");
  }

  @Test
  void messages_streamed_sendsBlocksOneAfterTheOther() {
    List<JsonNode> events =
        events(
            ask(
                "/v1/messages",
                "calls",
                "\"max_tokens\":9,\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]"));
    assertThat(types(events))
        .containsExactly(
            "message_start",
            "ping",
            "content_block_start",
            "content_block_delta",
            "content_block_delta",
            "content_block_stop",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop");
    assertThat(events.get(2).at("/content_block/id").asString()).isEqualTo("call_1");
    assertThat(
            events.get(3).at("/delta/partial_json").asString()
                + events.get(4).at("/delta/partial_json").asString())
        .isEqualTo("{\"city\":\"Oslo\"}");
    assertThat(events.get(6).path("index").asInt()).isEqualTo(1);
    assertThat(events.get(9).at("/delta/stop_reason").asString()).isEqualTo("tool_use");
  }

  @Test
  void messages_streamedText_leavesThinkingOutUnlessAskedFor() {
    String request =
        "\"max_tokens\":9,\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";
    List<JsonNode> plain = events(ask("/v1/messages", "text", request));
    assertThat(plain.get(2).at("/content_block/type").asString()).isEqualTo("text");
    JsonNode usage = plain.get(plain.size() - 2).path("usage");
    assertThat(usage.path("input_tokens").asInt()).isEqualTo(5);
    assertThat(usage.path("output_tokens").asInt()).isEqualTo(5);
    List<JsonNode> thinking =
        events(ask("/v1/messages", "text", request + ",\"thinking\":{\"type\":\"adaptive\"}"));
    assertThat(thinking.get(2).at("/content_block/type").asString()).isEqualTo("thinking");
    assertThat(thinking.get(3).at("/delta/thinking").asString()).isEqualTo("hm");
  }

  @Test
  void messages_errors_haveAnthropicsShape() {
    String hi = "\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";
    assertThat(GatewayFixture.json(ask("/v1/messages", "nobody", hi)).at("/error/type").asString())
        .isEqualTo("not_found_error");
    HttpResponse<String> failed = ask("/v1/messages", "broken", hi);
    assertThat(failed.statusCode()).isEqualTo(502);
    assertThat(GatewayFixture.json(failed).path("type").asString()).isEqualTo("error");
    assertThat(GatewayFixture.json(failed).at("/error/type").asString()).isEqualTo("api_error");
    assertThat(GatewayFixture.json(gateway.get("/v1/messages")).path("type").asString())
        .isEqualTo("error");
    assertThat(
            GatewayFixture.json(ask("/v1/messages", "whole", "\"x\":1"))
                .at("/error/type")
                .asString())
        .isEqualTo("invalid_request_error");
  }

  @Test
  void countTokens_asksNobody() {
    JsonNode count =
        GatewayFixture.json(
            ask(
                "/v1/messages/count_tokens",
                "whole",
                "\"messages\":[{\"role\":\"user\",\"content\":\"how many tokens are these\"}]"));
    assertThat(count.path("input_tokens").asInt()).isBetween(5, 30);
    assertThat(upstreams.get(2).requests()).isZero();
  }

  /// A restart is another gateway on the same store.
  @Test
  void responses_storedWhenAskedFor_areFoundAfterARestart() throws Exception {
    HttpResponse<String> stored = ask("/v1/responses", "whole", "\"input\":\"hi\",\"store\":true");
    String kept = id(stored);
    String forgotten = id(ask("/v1/responses", "whole", "\"input\":\"hi\""));
    Eventually.holds(() -> gateway.store.find("", kept).isPresent());
    gateway.close();
    open();
    String next = "\"input\":\"and?\",\"previous_response_id\":\"%s\"";
    assertThat(ask("/v1/responses", "whole", next.formatted(kept)).statusCode()).isEqualTo(200);
    ScriptedServer whole = upstreams.get(upstreams.size() - 5);
    assertThat(whole.bodies().getLast()).contains("Hello", "and?");
    String item = GatewayFixture.json(stored).at("/output/1/id").asString();
    ask(
        "/v1/responses",
        "whole",
        "\"input\":[{\"type\":\"item_reference\",\"id\":\"%s\"}]".formatted(item));
    assertThat(whole.requests()).isEqualTo(2);
    HttpResponse<String> unknown = ask("/v1/responses", "whole", next.formatted(forgotten));
    assertThat(unknown.statusCode()).isEqualTo(400);
    assertThat(unknown.body()).contains(forgotten);
  }

  private static String id(HttpResponse<String> response) {
    return GatewayFixture.json(response).path("id").asString();
  }

  @Test
  void responses_customToolsAndImagesOfResults_areSaidInTheChat() {
    JsonNode response =
        GatewayFixture.json(
            ask(
                "/v1/responses",
                "custom",
                """
                "tools":[{"type":"custom","name":"patch","description":"d","format":{"type":"grammar","syntax":"lark","definition":"g"}},
                {"type":"function","name":"f"},{"type":"function","name":"g"}],
                "tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"custom","name":"patch"},{"type":"function","name":"g"}]},
                "top_logprobs":3,"input":[{"role":"user","content":"q"},
                {"type":"custom_tool_call","call_id":"c1","name":"patch","input":"+"},
                {"type":"function_call","call_id":"c2","name":"g","arguments":"{}"},
                {"type":"custom_tool_call_output","call_id":"c1","output":"done"},
                {"type":"function_call_output","call_id":"c2","output":[{"type":"input_text","text":"see"},{"type":"input_image","image_url":"http://x/y.png"}]}]
                """));
    JsonNode chat = sent(4);
    assertThat(chat.at("/tools/0"))
        .isEqualTo(
            GatewayFixture.json(
                "{\"type\":\"custom\",\"custom\":{\"name\":\"patch\",\"description\":\"d\",\"format\":{\"type\":\"grammar\",\"grammar\":{\"syntax\":\"lark\",\"definition\":\"g\"}}}}"));
    assertThat(chat.path("tools").size()).isEqualTo(2);
    assertThat(chat.path("tool_choice").asString()).isEqualTo("required");
    assertThat(chat.path("logprobs").asBoolean()).isTrue();
    assertThat(chat.path("top_logprobs").asInt()).isEqualTo(3);
    assertThat(chat.path("messages").findValuesAsString("role"))
        .containsExactly("user", "assistant", "tool", "tool", "user");
    assertThat(chat.at("/messages/1/tool_calls/0/custom/input").asString()).isEqualTo("+");
    assertThat(chat.at("/messages/3/content").asString()).isEqualTo("see");
    assertThat(chat.at("/messages/4/content/0/image_url/url").asString())
        .isEqualTo("http://x/y.png");

    assertThat(response.at("/output/0/content/0/logprobs/0/token").asString()).isEqualTo("Hi");
    assertThat(response.at("/output/1/type").asString()).isEqualTo("custom_tool_call");
    assertThat(response.at("/output/1/input").asString()).isEqualTo("***");
  }

  @Test
  void responses_streamedCustomCallAndLogprobs_areEventsOfTheirOwn() {
    List<JsonNode> events =
        events(ask("/v1/responses", "stream", "\"input\":\"hi\",\"stream\":true"));
    assertThat(types(events))
        .contains("response.custom_tool_call_input.delta", "response.custom_tool_call_input.done");
    JsonNode done = events.getLast().path("response");
    assertThat(done.at("/output/0/content/0/logprobs/0/token").asString()).isEqualTo("Hi");
    assertThat(done.at("/output/1/input").asString()).isEqualTo("***");
    assertThat(done.at("/incomplete_details/reason").asString()).isEqualTo("max_output_tokens");
    assertThat(done.at("/output/1/status").asString()).isEqualTo("incomplete");
  }

  @Test
  void responses_cutShort_haveAnIncompleteItem() {
    JsonNode response = GatewayFixture.json(ask("/v1/responses", "cut", "\"input\":\"hi\""));
    assertThat(response.path("status").asString()).isEqualTo("incomplete");
    assertThat(response.at("/output/0/status").asString()).isEqualTo("incomplete");
  }

  /// OpenAI lets clients leave the type of a reference out.
  @Test
  void responses_referenceWithoutAType_isOne() {
    JsonNode first = GatewayFixture.json(ask("/v1/responses", "whole", "\"input\":\"hi\""));
    String item = first.at("/output/1/id").asString();
    for (String more : List.of("", ",\"type\":null")) {
      ask("/v1/responses", "whole", "\"input\":[{\"id\":\"%s\"%s}]".formatted(item, more));
      assertThat(sent(2).at("/messages/0/content").asString()).isEqualTo("Hello");
      assertThat(
              ask("/v1/responses", "whole", "\"input\":[{\"id\":\"msg_0\"%s}]".formatted(more))
                  .body())
          .contains("there is no item \\\"msg_0\\\"");
    }
  }

  @Test
  void messages_outputAndThinking_areTheChatsOwn() {
    String hi = "\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";
    ask(
        "/v1/messages",
        "whole",
        hi
            + ",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":8000},\"output_config\":{\"format\":{\"type\":\"json_schema\",\"schema\":{\"type\":\"object\"}}},\"tools\":[{\"name\":\"f\",\"strict\":true,\"input_schema\":{\"type\":\"object\"}}]");
    assertThat(sent(2).path("reasoning_effort").asString()).isEqualTo("medium");
    assertThat(sent(2).at("/response_format/json_schema/schema/type").asString())
        .isEqualTo("object");
    assertThat(sent(2).at("/tools/0/function/strict").asBoolean()).isTrue();
    ask("/v1/messages", "whole", hi + ",\"output_config\":{\"effort\":\"max\"}");
    assertThat(sent(2).path("reasoning_effort").asString()).isEqualTo("high");
  }

  @Test
  void messages_documentsOfAnySource_reachTheChat() {
    HttpResponse<String> response =
        ask(
            "/v1/messages",
            "whole",
            """
            "max_tokens":9,"messages":[{"role":"user","content":"read"},
            {"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"}]},
            {"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"Read","input":{}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"AAAA"}}]},
            {"type":"document","source":{"type":"content","content":[{"type":"text","text":"words"}]}}]}]
            """);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    JsonNode messages = sent(2).path("messages");
    assertThat(messages.findValuesAsString("role"))
        .containsExactly("user", "assistant", "tool", "user");
    assertThat(messages.at("/3/content/0/file/file_data").asString())
        .isEqualTo("data:application/pdf;base64,AAAA");
    assertThat(messages.at("/3/content/1/text").asString()).isEqualTo("words");
  }
}
