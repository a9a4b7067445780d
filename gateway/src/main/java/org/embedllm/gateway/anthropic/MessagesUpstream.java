package org.embedllm.gateway.anthropic;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.embedllm.gateway.openai.ChatChunks;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.gateway.openai.Ids;
import org.embedllm.gateway.openai.SseEvent;
import org.embedllm.gateway.openai.UpstreamProtocol;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Upstreams of Anthropic's Messages API, asked in chat completions.
public final class MessagesUpstream implements UpstreamProtocol {
  @Override
  public String path() {
    return "/messages";
  }

  @Override
  public ObjectNode request(ObjectNode chat) {
    return MessagesRequest.of(chat);
  }

  @Override
  public byte[] whole(byte[] answer) {
    JsonNode root = ChatJson.mapper().readTree(answer);
    if (!root.path("content").isArray()) {
      return answer;
    }
    ObjectNode message = ChatJson.mapper().createObjectNode().put("role", "assistant");
    var text = new StringBuilder();
    var thought = new StringBuilder();
    ArrayNode calls = ChatJson.mapper().createArrayNode();
    for (JsonNode block : root.path("content")) {
      switch (block.path("type").asString("")) {
        case "text" -> text.append(block.path("text").asString(""));
        case "thinking" -> thought.append(block.path("thinking").asString(""));
        case "tool_use" -> {
          ObjectNode call = calls.addObject().put("id", block.path("id").asString(""));
          call.put("type", "function")
              .putObject("function")
              .put("name", block.path("name").asString(""))
              .put("arguments", ChatJson.mapper().writeValueAsString(block.path("input")));
        }
        default -> {
          // Blocks of Anthropic's own tools have no words in a chat.
        }
      }
    }
    message.put("content", text.isEmpty() && !calls.isEmpty() ? null : text.toString());
    if (!thought.isEmpty()) {
      message.put("reasoning_content", thought.toString());
    }
    if (!calls.isEmpty()) {
      message.set("tool_calls", calls);
    }
    return chat(root, message);
  }

  private static byte[] chat(JsonNode root, ObjectNode message) {
    ObjectNode chat = ChatJson.mapper().createObjectNode();
    chat.put("id", root.path("id").asString(Ids.fresh("chatcmpl-")));
    chat.put("object", "chat.completion").put("created", System.currentTimeMillis() / 1000);
    chat.put("model", root.path("model").asString(""));
    ObjectNode choice = chat.putArray("choices").addObject().put("index", 0);
    choice.set("message", message);
    choice.put("finish_reason", finish(root.path("stop_reason").asString("end_turn")));
    sequence(root).ifPresent(s -> choice.put("stop_reason", s));
    chat.set("usage", usage(root.path("usage")));
    return ChatJson.bytes(chat);
  }

  private static String finish(String stop) {
    return switch (stop) {
      case "max_tokens", "model_context_window_exceeded" -> "length";
      case "tool_use" -> "tool_calls";
      case "refusal" -> "content_filter";
      default -> "stop";
    };
  }

  private static Optional<String> sequence(JsonNode of) {
    JsonNode said = of.path("stop_sequence");
    return said.isString() ? Optional.of(said.asString()) : Optional.empty();
  }

  /// Anthropic counts cached tokens beside the others, chat completions among them.
  private static ObjectNode usage(JsonNode said) {
    long read = said.path("cache_read_input_tokens").asLong(0);
    long in =
        said.path("input_tokens").asLong(0)
            + said.path("cache_creation_input_tokens").asLong(0)
            + read;
    long out = said.path("output_tokens").asLong(0);
    ObjectNode usage = ChatJson.mapper().createObjectNode();
    usage.put("prompt_tokens", in).put("completion_tokens", out).put("total_tokens", in + out);
    usage.putObject("prompt_tokens_details").put("cached_tokens", read);
    return usage;
  }

  @Override
  public Events events() {
    return new Chunks()::chat;
  }

  /// One streamed answer.
  private static final class Chunks {
    private final ChatChunks chunks = new ChatChunks();
    private final Map<Integer, Integer> calls = new HashMap<>(); // block to call
    private final List<Boolean> withArguments = new ArrayList<>();
    private ObjectNode usage = ChatJson.mapper().createObjectNode();
    private ObjectNode told = ChatJson.mapper().createObjectNode(); // of the usage
    private boolean finished;

    List<SseEvent> chat(SseEvent event) {
      JsonNode e = ChatJson.mapper().readTree(event.data());
      switch (e.path("type").asString("")) {
        case "message_start" -> {
          JsonNode message = e.path("message");
          chunks.head(message.path("id").asString(""), message.path("model").asString(""));
          note(message.path("usage"));
        }
        case "content_block_start" -> start(e);
        case "content_block_delta" -> delta(e);
        case "content_block_stop" -> stop(e);
        case "message_delta" -> {
          note(e.path("usage"));
          if (e.at("/delta/stop_reason").isString()) {
            finishOnce(e.path("delta"));
          }
        }
        case "message_stop" -> {
          finishOnce(e);
          if (!usage.equals(told)) {
            chunks.usage(usage(usage));
          }
          chunks.end();
        }
        case "error" -> chunks.error(e.path("error"));
        default -> {
          // A ping, or something newer.
        }
      }
      return chunks.take();
    }

    private void finishOnce(JsonNode last) {
      if (!finished) {
        finished = true;
        told = usage.deepCopy();
        chunks.finish(
            finish(last.path("stop_reason").asString("end_turn")),
            usage(usage),
            choice -> sequence(last).ifPresent(s -> choice.put("stop_reason", s)));
      }
    }

    /// Later counts replace earlier ones, field by field.
    private void note(JsonNode said) {
      said.propertyStream()
          .filter(field -> field.getValue().isNumber())
          .forEach(field -> usage.set(field.getKey(), field.getValue()));
    }

    private void start(JsonNode e) {
      JsonNode block = e.path("content_block");
      if (block.path("type").asString("").equals("tool_use")) {
        int call = calls.size();
        calls.put(e.path("index").asInt(0), call);
        withArguments.add(false);
        chunks.call(call, block.path("id").asString(""), block.path("name").asString(""));
      }
    }

    private void delta(JsonNode e) {
      JsonNode delta = e.path("delta");
      switch (delta.path("type").asString("")) {
        case "text_delta" -> chunks.text("content", delta.path("text").asString(""));
        case "thinking_delta" ->
            chunks.text("reasoning_content", delta.path("thinking").asString(""));
        case "input_json_delta" -> {
          Integer call = calls.get(e.path("index").asInt(0));
          String more = delta.path("partial_json").asString("");
          if (call != null && !more.isEmpty()) {
            withArguments.set(call, true);
            chunks.arguments(call, more);
          }
        }
        default -> {
          // Signatures and citations.
        }
      }
    }

    /// A call without arguments has the empty object in a chat.
    private void stop(JsonNode e) {
      Integer call = calls.get(e.path("index").asInt(0));
      if (call != null && !Objects.requireNonNull(withArguments.get(call))) {
        chunks.arguments(call, "{}");
      }
    }
  }
}
