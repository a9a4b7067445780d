package org.embedllm.gateway.responses;

import java.util.Optional;
import org.embedllm.gateway.openai.ApiException;
import org.embedllm.gateway.openai.ChatJson;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Input items as messages of a chat.
final class ChatMessages {
  private final ArrayNode messages;

  /// Images and files of tools' outputs, which a tool's message cannot hold: they follow behind the
  /// last one of them.
  private ArrayNode later = ChatJson.mapper().createArrayNode();

  private Optional<ApiException> inexpressible = Optional.empty();

  ChatMessages(ArrayNode messages) {
    this.messages = messages;
  }

  boolean isEmpty() {
    return messages.isEmpty();
  }

  /// To be called behind the last item.
  void end() {
    if (!later.isEmpty()) {
      messages.addObject().put("role", "user").set("content", later);
      later = ChatJson.mapper().createArrayNode();
    }
  }

  /// What chat completions cannot express of the items, the first of it.
  Optional<ApiException> inexpressible() {
    return inexpressible;
  }

  private void inexpressible(String what) {
    if (inexpressible.isEmpty()) {
      inexpressible = Optional.of(ResponsesProtocol.inexpressible("input", what));
    }
  }

  void system(String text) {
    messages.addObject().put("role", "system").put("content", text);
  }

  /// @throws ApiException 400 where a message has no role
  void add(JsonNode item) {
    String type = item.path("type").asString("message");
    if (!type.endsWith("_call_output")) {
      end();
    }
    switch (type) {
      case "message" -> message(item);
      case "function_call", "custom_tool_call" -> call(item);
      case "function_call_output", "custom_tool_call_output" -> output(item);
      default -> {
        // Reasoning of earlier turns, and calls of tools that OpenAI runs, are not for others.
        if (!type.equals("reasoning") && !type.endsWith("_call")) {
          inexpressible("items of type \"" + type + "\"");
        }
      }
    }
  }

  private void message(JsonNode item) {
    String role = item.path("role").asString("");
    if (role.isEmpty()) {
      throw ApiException.badRequest("invalid_type", "input", "each message must have a \"role\"");
    }
    ObjectNode message = messages.addObject();
    message.put("role", role.equals("developer") ? "system" : role);
    JsonNode content = item.path("content");
    if (!content.isArray()) {
      message.put("content", content.asString(""));
    } else if (role.equals("user")) {
      ArrayNode parts = message.putArray("content");
      content.forEach(part -> part(part, parts));
    } else {
      message.put("content", text(content));
    }
  }

  private void part(JsonNode part, ArrayNode parts) {
    switch (part.path("type").asString("")) {
      case "input_text", "output_text", "text" ->
          parts.addObject().put("type", "text").put("text", part.path("text").asString(""));
      case "input_image" -> {
        ObjectNode image = parts.addObject().put("type", "image_url").putObject("image_url");
        image.put("url", part.path("image_url").asString(""));
        if (!part.path("image_url").isString()) {
          inexpressible("images by \"file_id\"");
        }
        if (part.path("detail").isString()) {
          image.set("detail", part.get("detail"));
        }
      }
      case "input_file" -> {
        ObjectNode file = parts.addObject().put("type", "file").putObject("file");
        if (part.hasNonNull("file_url")) {
          inexpressible("files by \"file_url\"");
        }
        for (String name : new String[] {"file_id", "filename", "file_data"}) {
          if (part.hasNonNull(name)) {
            file.set(name, part.get(name));
          }
        }
      }
      default -> parts.add(part);
    }
  }

  private String text(JsonNode parts) {
    var text = new StringBuilder();
    for (JsonNode part : parts) {
      if (!part.has("text") && !part.has("refusal")) {
        inexpressible("parts of type \"" + part.path("type").asString("") + "\" in this place");
      }
      text.append(part.path("text").asString(part.path("refusal").asString("")));
    }
    return text.toString();
  }

  /// Calls that follow one another, or an answer's text, are one message of the assistant.
  private void call(JsonNode item) {
    ObjectNode message;
    if (!messages.isEmpty()
        && messages.get(messages.size() - 1) instanceof ObjectNode last
        && last.path("role").asString("").equals("assistant")) {
      message = last;
    } else {
      message = messages.addObject().put("role", "assistant");
      message.putNull("content");
    }
    ArrayNode calls =
        message.get("tool_calls") instanceof ArrayNode there
            ? there
            : message.putArray("tool_calls");
    ObjectNode call = calls.addObject();
    boolean custom = item.path("type").asString("").equals("custom_tool_call");
    String type = custom ? "custom" : "function";
    String given = custom ? "input" : "arguments";
    call.put("id", item.path("call_id").asString("")).put("type", type);
    call.putObject(type)
        .put("name", item.path("name").asString(""))
        .put(given, item.path(given).asString(""));
  }

  private void output(JsonNode item) {
    JsonNode output = item.path("output");
    ObjectNode message = messages.addObject().put("role", "tool");
    message.put("tool_call_id", item.path("call_id").asString(""));
    if (!output.isArray()) {
      message.put("content", output.isString() ? output.asString() : output.toString());
      return;
    }
    ArrayNode words = ChatJson.mapper().createArrayNode();
    for (JsonNode part : output) {
      switch (part.path("type").asString("")) {
        case "input_image", "input_file" -> part(part, later);
        default -> words.add(part);
      }
    }
    message.put("content", text(words));
  }
}
