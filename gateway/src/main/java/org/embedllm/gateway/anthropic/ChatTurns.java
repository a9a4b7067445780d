package org.embedllm.gateway.anthropic;

import java.util.Optional;
import org.embedllm.gateway.openai.ApiException;
import org.embedllm.gateway.openai.ChatJson;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Messages with content blocks as messages of a chat.
final class ChatTurns {
  private final ArrayNode messages;
  private Optional<ApiException> inexpressible = Optional.empty();

  ChatTurns(ArrayNode messages) {
    this.messages = messages;
  }

  /// What chat completions cannot express of the messages, the first of it.
  Optional<ApiException> inexpressible() {
    return inexpressible;
  }

  private void inexpressible(String what) {
    if (inexpressible.isEmpty()) {
      inexpressible =
          Optional.of(
              ApiException.badRequest(
                  "unsupported_value",
                  "messages",
                  what + " can be sent to upstreams of the Messages API alone (api: messages)"));
    }
  }

  /// @param system a text, or text blocks
  void system(JsonNode system) {
    String text = text(system);
    if (!text.isEmpty()) {
      messages.addObject().put("role", "system").put("content", text);
    }
  }

  /// A turn that says nothing, since a chat must have one.
  void empty() {
    messages.addObject().put("role", "user").put("content", "");
  }

  /// @throws ApiException 400 where a message is none
  void add(JsonNode message) {
    JsonNode content = message.path("content");
    switch (message.path("role").asString("")) {
      case "user" -> user(content);
      case "assistant" -> assistant(content);
      case "system" -> system(content);
      default ->
          throw ApiException.badRequest(
              "invalid_value", "messages", "a message's \"role\" is user or assistant");
    }
  }

  /// Results of tools come first: they belong to the calls before them.
  private void user(JsonNode content) {
    if (!content.isArray()) {
      messages.addObject().put("role", "user").put("content", content.asString(""));
      return;
    }
    ArrayNode parts = ChatJson.mapper().createArrayNode();
    for (JsonNode block : content) {
      if (block.path("type").asString("").equals("tool_result")) {
        result(block, parts);
      } else {
        part(block, parts);
      }
    }
    if (!parts.isEmpty()) {
      messages.addObject().put("role", "user").set("content", parts);
    }
  }

  /// @param later gets images and documents of the result, which a tool's message cannot hold
  private void result(JsonNode block, ArrayNode later) {
    JsonNode content = block.path("content");
    String text = text(content);
    ObjectNode message = messages.addObject().put("role", "tool");
    message.put("tool_call_id", block.path("tool_use_id").asString(""));
    message.put("content", block.path("is_error").asBoolean(false) ? "Error: " + text : text);
    for (JsonNode inner : content) {
      if (!inner.path("type").asString("").equals("text")) {
        part(inner, later);
      }
    }
  }

  private void part(JsonNode block, ArrayNode parts) {
    JsonNode source = block.path("source");
    switch (block.path("type").asString("")) {
      case "text" -> parts.addObject().put("type", "text").set("text", block.path("text"));
      case "image" ->
          parts.addObject().put("type", "image_url").putObject("image_url").put("url", url(source));
      case "document" -> document(block, parts);
      default -> inexpressible("blocks of type \"" + block.path("type").asString("") + "\"");
    }
  }

  private void document(JsonNode block, ArrayNode parts) {
    JsonNode source = block.path("source");
    switch (source.path("type").asString("")) {
      case "text" -> parts.addObject().put("type", "text").set("text", source.path("data"));
      case "content" -> {
        JsonNode content = source.path("content");
        if (content.isString()) {
          parts.addObject().put("type", "text").set("text", content);
        } else {
          content.forEach(inner -> part(inner, parts));
        }
      }
      default -> {
        ObjectNode file = parts.addObject().put("type", "file").putObject("file");
        file.put("filename", block.path("title").asString("document.pdf"));
        file.put("file_data", url(source));
      }
    }
  }

  private String url(JsonNode source) {
    if (source.path("type").asString("").equals("file")) {
      inexpressible("images and documents by \"file_id\"");
    }
    return source.path("type").asString("").equals("base64")
        ? "data:"
            + source.path("media_type").asString("")
            + ";base64,"
            + source.path("data").asString("")
        : source.path("url").asString("");
  }

  /// Thinking of earlier turns is accepted, and left out; so is a turn with nothing else.
  private void assistant(JsonNode content) {
    ObjectNode message = ChatJson.mapper().createObjectNode().put("role", "assistant");
    String text = text(content);
    if (text.isEmpty()) {
      message.putNull("content");
    } else {
      message.put("content", text);
    }
    ArrayNode calls = ChatJson.mapper().createArrayNode();
    for (JsonNode block : content.isArray() ? content : ChatJson.mapper().createArrayNode()) {
      if (block.path("type").asString("").equals("tool_use")) {
        ObjectNode call = calls.addObject();
        call.put("id", block.path("id").asString("")).put("type", "function");
        call.putObject("function")
            .put("name", block.path("name").asString(""))
            .put("arguments", ChatJson.mapper().writeValueAsString(block.path("input")));
      }
    }
    if (!calls.isEmpty()) {
      message.set("tool_calls", calls);
    }
    if (!text.isEmpty() || !calls.isEmpty()) {
      messages.add(message);
    }
  }

  private static String text(JsonNode content) {
    if (!content.isArray()) {
      return content.asString("");
    }
    var text = new StringBuilder();
    for (JsonNode block : content) {
      if (block.path("type").asString("").equals("text")) {
        text.append(text.isEmpty() ? "" : "\n").append(block.path("text").asString(""));
      }
    }
    return text.toString();
  }
}
