package org.embedllm.gateway.responses;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.embedllm.gateway.openai.ChatChunks;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.gateway.openai.Ids;
import org.embedllm.gateway.openai.SseEvent;
import org.embedllm.gateway.openai.UpstreamProtocol;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Upstreams of OpenAI's Responses API, asked in chat completions.
public final class ResponsesUpstream implements UpstreamProtocol {
  @Override
  public String path() {
    return "/responses";
  }

  @Override
  public ObjectNode request(ObjectNode chat) {
    return ResponsesRequest.of(chat);
  }

  @Override
  public byte[] whole(byte[] answer) {
    JsonNode root = ChatJson.mapper().readTree(answer);
    if (!root.path("output").isArray() || root.path("error").isObject()) {
      return answer;
    }
    var text = new StringBuilder();
    var refusal = new StringBuilder();
    var thought = new StringBuilder();
    ArrayNode calls = ChatJson.mapper().createArrayNode();
    ArrayNode logprobs = ChatJson.mapper().createArrayNode();
    for (JsonNode item : root.path("output")) {
      switch (item.path("type").asString("")) {
        case "message" -> {
          for (JsonNode part : item.path("content")) {
            text.append(part.path("text").asString(""));
            refusal.append(part.path("refusal").asString(""));
            part.path("logprobs").forEach(logprobs::add);
          }
        }
        case "reasoning" -> {
          item.path("summary").forEach(s -> thought.append(s.path("text").asString("")));
          item.path("content").forEach(s -> thought.append(s.path("text").asString("")));
        }
        case "function_call" -> {
          ObjectNode call = calls.addObject().put("id", item.path("call_id").asString(""));
          call.put("type", "function")
              .putObject("function")
              .put("name", item.path("name").asString(""))
              .put("arguments", item.path("arguments").asString(""));
        }
        case "custom_tool_call" -> {
          ObjectNode call = calls.addObject().put("id", item.path("call_id").asString(""));
          call.put("type", "custom")
              .putObject("custom")
              .put("name", item.path("name").asString(""))
              .put("input", item.path("input").asString(""));
        }
        default -> {
          // Items of OpenAI's own tools have no words in a chat.
        }
      }
    }
    ObjectNode message = ChatJson.mapper().createObjectNode().put("role", "assistant");
    message.put("content", text.isEmpty() && !calls.isEmpty() ? null : text.toString());
    if (!refusal.isEmpty()) {
      message.put("refusal", refusal.toString());
    }
    if (!thought.isEmpty()) {
      message.put("reasoning_content", thought.toString());
    }
    if (!calls.isEmpty()) {
      message.set("tool_calls", calls);
    }
    return chat(root, message, logprobs, !calls.isEmpty());
  }

  private static byte[] chat(JsonNode root, ObjectNode message, ArrayNode logprobs, boolean calls) {
    ObjectNode chat = ChatJson.mapper().createObjectNode();
    chat.put("id", root.path("id").asString(Ids.fresh("chatcmpl-")));
    chat.put("object", "chat.completion");
    chat.put("created", root.path("created_at").asLong(System.currentTimeMillis() / 1000));
    chat.put("model", root.path("model").asString(""));
    ObjectNode choice = chat.putArray("choices").addObject().put("index", 0);
    choice.set("message", message);
    if (!logprobs.isEmpty()) {
      choice.putObject("logprobs").set("content", logprobs);
    }
    choice.put("finish_reason", finish(root, calls));
    chat.set("usage", usage(root.path("usage")));
    return ChatJson.bytes(chat);
  }

  private static String finish(JsonNode response, boolean calls) {
    return switch (response.at("/incomplete_details/reason").asString("")) {
      case "" -> calls ? "tool_calls" : "stop";
      case "content_filter" -> "content_filter";
      default -> "length";
    };
  }

  private static ObjectNode usage(JsonNode said) {
    long in = said.path("input_tokens").asLong(0);
    long out = said.path("output_tokens").asLong(0);
    ObjectNode usage = ChatJson.mapper().createObjectNode();
    usage.put("prompt_tokens", in).put("completion_tokens", out).put("total_tokens", in + out);
    usage
        .putObject("prompt_tokens_details")
        .put("cached_tokens", said.at("/input_tokens_details/cached_tokens").asLong(0));
    usage
        .putObject("completion_tokens_details")
        .put("reasoning_tokens", said.at("/output_tokens_details/reasoning_tokens").asLong(0));
    return usage;
  }

  @Override
  public Events events() {
    return new Chunks()::chat;
  }

  /// One streamed answer.
  private static final class Chunks {
    private final ChatChunks chunks = new ChatChunks();
    private final Map<Integer, Integer> calls = new HashMap<>(); // item to call

    List<SseEvent> chat(SseEvent event) {
      JsonNode e = ChatJson.mapper().readTree(event.data());
      String delta = e.path("delta").asString("");
      switch (e.path("type").asString("")) {
        case "response.created" ->
            chunks.head(e.at("/response/id").asString(""), e.at("/response/model").asString(""));
        case "response.output_text.delta" -> chunks.text("content", delta, e.path("logprobs"));
        case "response.refusal.delta" -> chunks.text("refusal", delta);
        case "response.reasoning_summary_text.delta", "response.reasoning_text.delta" ->
            chunks.text("reasoning_content", delta);
        case "response.output_item.added" -> added(e);
        case "response.function_call_arguments.delta" -> {
          Integer call = calls.get(e.path("output_index").asInt(0));
          if (call != null) {
            chunks.arguments(call, delta);
          }
        }
        case "response.custom_tool_call_input.delta" -> {
          Integer call = calls.get(e.path("output_index").asInt(0));
          if (call != null) {
            chunks.input(call, delta);
          }
        }
        case "response.completed", "response.incomplete" -> {
          JsonNode response = e.path("response");
          chunks.finish(
              finish(response, !calls.isEmpty()), usage(response.path("usage")), choice -> {});
          chunks.end();
        }
        case "response.failed" -> chunks.error(e.at("/response/error"));
        case "error" -> chunks.error(e.path("error").isObject() ? e.path("error") : e);
        default -> {
          // The ends of parts repeat what has come.
        }
      }
      return chunks.take();
    }

    private void added(JsonNode e) {
      JsonNode item = e.path("item");
      boolean custom = item.path("type").asString("").equals("custom_tool_call");
      if (custom || item.path("type").asString("").equals("function_call")) {
        int call = calls.size();
        calls.put(e.path("output_index").asInt(0), call);
        chunks.call(
            custom, call, item.path("call_id").asString(""), item.path("name").asString(""));
      }
    }
  }
}
