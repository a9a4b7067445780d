package org.embedllm.gateway.anthropic;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.embedllm.gateway.openai.AnswerFormat;
import org.embedllm.gateway.openai.ApiError;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.gateway.openai.Ids;
import org.embedllm.gateway.openai.SseEvent;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Chat completions as messages with content blocks: whole, or as events.
final class MessagesFormat implements AnswerFormat {
  private final String requested;
  private final boolean thinking;
  private final List<SseEvent> waiting = new ArrayList<>();
  private final Map<Integer, Call> calls = new TreeMap<>();
  private final Set<Integer> streamed = new HashSet<>(); // calls whose blocks have been sent
  private boolean begun;
  private int blocks;
  private Optional<String> open = Optional.empty(); // type of the block that grows
  private int openCall = -1; // whose block it is, where it is a call's
  private String reason = "stop";
  private Optional<String> stopSequence = Optional.empty();
  private JsonNode usage = ChatJson.mapper().createObjectNode();

  /// A call whose block waits for its turn.
  private record Call(String id, String name, StringBuilder arguments) {}

  /// @param requested the request's model
  /// @param thinking whether thoughts were asked for
  MessagesFormat(String requested, boolean thinking) {
    this.requested = requested;
    this.thinking = thinking;
  }

  @Override
  public byte[] whole(byte[] chat) {
    JsonNode answer = ChatJson.mapper().readTree(chat);
    JsonNode choice = answer.path("choices").path(0);
    JsonNode message = choice.path("message");
    ObjectNode root = message(answer.path("model").asString(requested));
    ArrayNode content = root.withArray("content");
    String thought = thought(message);
    if (thinking && !thought.isEmpty()) {
      content.add(thinkingBlock(thought));
    }
    String text = message.path("content").asString(message.path("refusal").asString(""));
    if (!text.isEmpty() || message.path("tool_calls").isEmpty()) {
      content.addObject().put("type", "text").put("text", text);
    }
    for (JsonNode call : message.path("tool_calls")) {
      ObjectNode block = content.addObject().put("type", "tool_use");
      block.put("id", call.path("id").asString(Ids.fresh("toolu_")));
      block.put("name", call.at("/function/name").asString(""));
      block.set("input", input(call.at("/function/arguments").asString("")));
    }
    Optional<String> sequence = sequence(choice);
    root.put("stop_reason", stopReason(choice.path("finish_reason").asString("stop"), sequence));
    root.put("stop_sequence", sequence.orElse(null));
    root.set("usage", usage(answer.path("usage")));
    return ChatJson.bytes(root);
  }

  private static ObjectNode message(String model) {
    ObjectNode root = ChatJson.mapper().createObjectNode();
    root.put("id", Ids.fresh("msg_")).put("type", "message").put("role", "assistant");
    root.put("model", model);
    root.putArray("content");
    root.putNull("stop_reason").putNull("stop_sequence");
    return root;
  }

  private static String thought(JsonNode message) {
    return message.path("reasoning_content").asString(message.path("reasoning").asString(""));
  }

  private static ObjectNode thinkingBlock(String text) {
    return ChatJson.mapper()
        .createObjectNode()
        .put("type", "thinking")
        .put("thinking", text)
        .put("signature", "");
  }

  private static JsonNode input(String arguments) {
    try {
      JsonNode parsed = ChatJson.mapper().readTree(arguments.isBlank() ? "{}" : arguments);
      return parsed.isObject() ? parsed : ChatJson.mapper().createObjectNode();
    } catch (JacksonException e) {
      return ChatJson.mapper().createObjectNode();
    }
  }

  /// Which stop sequence it was, where the upstream says so (vLLM's `stop_reason`).
  private static Optional<String> sequence(JsonNode choice) {
    JsonNode said = choice.path("stop_reason");
    return said.isString() ? Optional.of(said.asString()) : Optional.empty();
  }

  private static String stopReason(String finish, Optional<String> sequence) {
    return switch (finish) {
      case "length" -> "max_tokens";
      case "tool_calls", "function_call" -> "tool_use";
      case "content_filter" -> "refusal";
      default -> sequence.isPresent() ? "stop_sequence" : "end_turn";
    };
  }

  /// Input tokens are those that did not come from a cache.
  private static ObjectNode usage(JsonNode chat) {
    long cached = chat.at("/prompt_tokens_details/cached_tokens").asLong(0);
    ObjectNode usage = ChatJson.mapper().createObjectNode();
    if (chat.path("cost").isNumber()) {
      usage.set("cost", chat.get("cost"));
    }
    return usage
        .put("input_tokens", Math.max(0, chat.path("prompt_tokens").asLong(0) - cached))
        .put("cache_creation_input_tokens", 0)
        .put("cache_read_input_tokens", cached)
        .put("output_tokens", chat.path("completion_tokens").asLong(0));
  }

  private void add(String type, Consumer<ObjectNode> fields) {
    ObjectNode event = ChatJson.mapper().createObjectNode().put("type", type);
    fields.accept(event);
    waiting.add(SseEvent.of(Optional.of(type), ChatJson.bytes(event)));
  }

  private List<SseEvent> take() {
    List<SseEvent> taken = List.copyOf(waiting);
    waiting.clear();
    return taken;
  }

  private void begin(String model) {
    begun = true;
    ObjectNode message = message(model);
    message.set("usage", usage(usage));
    add("message_start", e -> e.set("message", message));
    add("ping", e -> {});
  }

  @Override
  public List<SseEvent> event(SseEvent chat, boolean usageOnly) {
    JsonNode chunk = ChatJson.mapper().readTree(chat.data());
    if (!begun) {
      begin(chunk.path("model").asString(requested));
    }
    if (chunk.path("usage").isObject()) {
      usage = chunk.path("usage");
    }
    JsonNode choice = chunk.path("choices").path(0);
    JsonNode delta = choice.path("delta");
    if (thinking) {
      grow("thinking", "thinking_delta", "thinking", thought(delta));
    }
    String text = delta.path("content").asString(delta.path("refusal").asString(""));
    grow("text", "text_delta", "text", text);
    for (JsonNode call : delta.path("tool_calls")) {
      call(call);
    }
    if (choice.path("finish_reason").isString()) {
      reason = choice.path("finish_reason").asString();
      stopSequence = sequence(choice);
    }
    return take();
  }

  private void grow(String type, String delta, String field, String more) {
    if (more.isEmpty()) {
      return;
    }
    if (open.filter(type::equals).isEmpty()) {
      stop();
      ObjectNode block = ChatJson.mapper().createObjectNode().put("type", type).put(field, "");
      if (type.equals("thinking")) {
        block.put("signature", "");
      }
      start(type, block);
    }
    delta(d -> d.put("type", delta).put(field, more));
  }

  private void start(String type, ObjectNode block) {
    open = Optional.of(type);
    add("content_block_start", e -> e.put("index", blocks).set("content_block", block));
  }

  private void delta(Consumer<ObjectNode> fields) {
    add("content_block_delta", e -> fields.accept(e.put("index", blocks).putObject("delta")));
  }

  private void stop() {
    if (open.isPresent()) {
      add("content_block_stop", e -> e.put("index", blocks));
      blocks++;
      open = Optional.empty();
      openCall = -1;
    }
  }

  /// The first call grows as it comes; others that come meanwhile wait until the end.
  private void call(JsonNode delta) {
    int index = delta.path("index").asInt(calls.size());
    boolean fresh = !calls.containsKey(index);
    Call call =
        calls.computeIfAbsent(
            index,
            i ->
                new Call(
                    delta.path("id").asString(Ids.fresh("toolu_")),
                    delta.at("/function/name").asString(""),
                    new StringBuilder()));
    if (fresh && openCall < 0) {
      stop();
      openCall = index;
      streamed.add(index);
      start("tool_use", block(call));
    }
    String more = delta.at("/function/arguments").asString("");
    if (index != openCall) {
      call.arguments().append(more);
    } else if (!more.isEmpty()) {
      delta(d -> d.put("type", "input_json_delta").put("partial_json", more));
    }
  }

  private static ObjectNode block(Call call) {
    ObjectNode block = ChatJson.mapper().createObjectNode().put("type", "tool_use");
    block.put("id", call.id()).put("name", call.name()).putObject("input");
    return block;
  }

  @Override
  public List<SseEvent> end() {
    if (!begun) {
      begin(requested);
    }
    stop();
    calls.forEach((index, call) -> {
      if (!streamed.contains(index)) {
        start("tool_use", block(call));
        String arguments = call.arguments().toString();
        delta(d -> d.put("type", "input_json_delta").put("partial_json", arguments));
        stop();
      }
    });
    add(
        "message_delta",
        e -> {
          ObjectNode delta = e.putObject("delta");
          delta.put("stop_reason", stopReason(reason, stopSequence));
          delta.put("stop_sequence", stopSequence.orElse(null));
          e.set("usage", usage(usage));
        });
    add("message_stop", e -> {});
    return take();
  }

  @Override
  public List<SseEvent> error(ApiError error) {
    waiting.add(SseEvent.of(Optional.of("error"), ChatJson.bytes(AnthropicErrors.json(error))));
    return take();
  }
}
