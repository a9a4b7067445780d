package org.embedllm.gateway.anthropic;

import java.util.ArrayList;
import java.util.List;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.gateway.openai.Inexpressible;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A chat completion's request as one of the Messages API.
final class MessagesRequest {
  /// The API wants a limit; this one every model takes.
  private static final int MOST_TOKENS = 4_096;

  private final ObjectNode chat;
  private final ObjectNode request = ChatJson.mapper().createObjectNode();
  private final ArrayNode messages = ChatJson.mapper().createArrayNode();

  private MessagesRequest(ObjectNode chat) {
    this.chat = chat;
  }

  static ObjectNode of(ObjectNode chat) {
    return new MessagesRequest(chat).request();
  }

  private ObjectNode request() {
    Inexpressible.requireNone(chat, "Messages", "logprobs", "custom", "json_object");
    request.set("model", chat.path("model"));
    int most = chat.path("max_completion_tokens").asInt(chat.path("max_tokens").asInt(MOST_TOKENS));
    request.put("max_tokens", most);
    var system = new ArrayList<String>();
    for (JsonNode message : chat.path("messages")) {
      add(message, system);
    }
    if (!system.isEmpty()) {
      request.put("system", String.join("\n\n", system));
    }
    messages.removeIf(turn -> turn.path("content").isEmpty());
    request.set("messages", messages);
    for (String same : List.of("top_p", "top_k", "stream")) {
      if (chat.hasNonNull(same)) {
        request.set(same, chat.get(same));
      }
    }
    // Chats know temperatures up to 2, messages up to 1.
    if (chat.path("temperature").isNumber()) {
      request.put("temperature", Math.min(1, chat.path("temperature").asDouble()));
    }
    JsonNode stop = chat.path("stop");
    if (stop.isString()) {
      request.putArray("stop_sequences").add(stop);
    } else if (stop.isArray()) {
      request.set("stop_sequences", stop);
    }
    if (chat.path("user").isString()) {
      request.putObject("metadata").set("user_id", chat.get("user"));
    }
    format();
    tools();
    thinking(most);
    return request;
  }

  private void format() {
    JsonNode schema = chat.at("/response_format/json_schema/schema");
    if (schema.isObject()) {
      request
          .putObject("output_config")
          .putObject("format")
          .put("type", "json_schema")
          .set("schema", schema);
    }
  }

  /// Effort in words becomes tokens; thinking excludes a temperature. A tool that must be called
  /// excludes thinking, and so does a tool's result that answers a turn without thoughts: a chat
  /// has none of its earlier turns.
  private void thinking(int most) {
    String choice = request.at("/tool_choice/type").asString("");
    if (choice.equals("any") || choice.equals("tool") || endsInToolResults()) {
      return;
    }
    int budget =
        switch (chat.path("reasoning_effort").asString("")) {
          case "low" -> 1_024;
          case "medium" -> 4_096;
          case "high", "xhigh" -> 16_384;
          default -> 0;
        };
    if (budget > 0) {
      request.putObject("thinking").put("type", "enabled").put("budget_tokens", budget);
      request.put("max_tokens", most + budget);
      request.remove("temperature");
    }
  }

  private boolean endsInToolResults() {
    for (JsonNode block : messages.path(messages.size() - 1).path("content")) {
      if (block.path("type").asString("").equals("tool_result")) {
        return true;
      }
    }
    return false;
  }

  private void add(JsonNode message, List<String> system) {
    JsonNode content = message.path("content");
    switch (message.path("role").asString("")) {
      case "system", "developer" -> system.add(text(content));
      case "assistant" -> assistant(message);
      case "tool", "function" -> {
        ObjectNode result = blocks("user").addObject().put("type", "tool_result");
        result.put("tool_use_id", message.path("tool_call_id").asString(""));
        result.put("content", text(content));
      }
      default -> user(content);
    }
  }

  /// The blocks of a role's turn: messages of one role that follow one another are one.
  private ArrayNode blocks(String role) {
    if (!messages.isEmpty()
        && messages.get(messages.size() - 1) instanceof ObjectNode last
        && last.path("role").asString("").equals(role)
        && last.path("content") instanceof ArrayNode there) {
      return there;
    }
    return messages.addObject().put("role", role).putArray("content");
  }

  private static String text(JsonNode content) {
    if (!content.isArray()) {
      return content.asString("");
    }
    var text = new StringBuilder();
    content.forEach(part -> text.append(part.path("text").asString("")));
    return text.toString();
  }

  private void user(JsonNode content) {
    ArrayNode blocks = blocks("user");
    if (!content.isArray()) {
      text(blocks, content.asString(""));
    }
    for (JsonNode part : content.isArray() ? content : ChatJson.mapper().createArrayNode()) {
      switch (part.path("type").asString("")) {
        case "text" -> text(blocks, part.path("text").asString(""));
        case "image_url" ->
            blocks
                .addObject()
                .put("type", "image")
                .set("source", source(part.at("/image_url/url").asString("")));
        case "file" -> {
          if (part.at("/file/file_data").asString("").isEmpty()) {
            throw Inexpressible.refusal("Messages", "messages", "files by \"file_id\"");
          }
          ObjectNode block = blocks.addObject().put("type", "document");
          block.set("source", source(part.at("/file/file_data").asString("")));
          if (part.at("/file/filename").isString()) {
            block.set("title", part.at("/file/filename"));
          }
        }
        default -> blocks.add(part);
      }
    }
  }

  /// Blocks of text must not be empty.
  private static void text(ArrayNode blocks, String text) {
    if (!text.isEmpty()) {
      blocks.addObject().put("type", "text").put("text", text);
    }
  }

  /// @param url a `data:` URL, or one to be fetched
  private static ObjectNode source(String url) {
    ObjectNode source = ChatJson.mapper().createObjectNode();
    int comma = url.indexOf(";base64,");
    return url.startsWith("data:") && comma > 0
        ? source
            .put("type", "base64")
            .put("media_type", url.substring(5, comma))
            .put("data", url.substring(comma + 8))
        : source.put("type", "url").put("url", url);
  }

  private void assistant(JsonNode message) {
    ArrayNode blocks = blocks("assistant");
    text(blocks, text(message.path("content")));
    for (JsonNode call : message.path("tool_calls")) {
      ObjectNode use = blocks.addObject().put("type", "tool_use");
      use.put("id", call.path("id").asString(""));
      use.put("name", call.at("/function/name").asString(""));
      use.set("input", input(call.at("/function/arguments").asString("")));
    }
  }

  private static JsonNode input(String arguments) {
    try {
      JsonNode parsed = ChatJson.mapper().readTree(arguments.isBlank() ? "{}" : arguments);
      return parsed.isObject() ? parsed : ChatJson.mapper().createObjectNode();
    } catch (JacksonException e) {
      return ChatJson.mapper().createObjectNode();
    }
  }

  private void tools() {
    if (chat.path("tools").isEmpty()) {
      return;
    }
    ArrayNode tools = request.putArray("tools");
    JsonNode asked = chat.path("tool_choice");
    JsonNode allowed = asked.at("/allowed_tools/tools");
    for (JsonNode tool : chat.path("tools")) {
      JsonNode function = tool.path("function");
      if (allowed.isArray() && !isAmong(function, allowed)) {
        continue;
      }
      ObjectNode each = tools.addObject().put("name", function.path("name").asString(""));
      if (function.hasNonNull("description")) {
        each.set("description", function.get("description"));
      }
      if (function.path("strict").asBoolean(false)) {
        each.put("strict", true);
      }
      if (function.path("parameters").isObject()) {
        each.set("input_schema", function.get("parameters"));
      } else {
        each.putObject("input_schema").put("type", "object");
      }
    }
    asked = allowed.isArray() ? asked.at("/allowed_tools/mode") : asked;
    boolean one = !chat.path("parallel_tool_calls").asBoolean(true);
    if (asked.isMissingNode() && !one) {
      return;
    }
    ObjectNode choice = request.putObject("tool_choice");
    if (asked.isObject()) {
      choice.put("type", "tool").put("name", asked.at("/function/name").asString(""));
    } else {
      String word = asked.asString("auto");
      choice.put("type", word.equals("required") ? "any" : word);
    }
    if (one && !choice.path("type").asString("").equals("none")) {
      choice.put("disable_parallel_tool_use", true);
    }
  }

  private static boolean isAmong(JsonNode function, JsonNode allowed) {
    for (JsonNode each : allowed) {
      if (each.at("/function/name").equals(function.path("name"))) {
        return true;
      }
    }
    return false;
  }
}
