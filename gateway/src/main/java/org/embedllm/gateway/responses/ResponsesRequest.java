package org.embedllm.gateway.responses;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.gateway.openai.Inexpressible;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A chat completion's request as one of the Responses API.
final class ResponsesRequest {
  private static final List<String> SAME =
      List.of(
          "model",
          "temperature",
          "top_p",
          "top_logprobs",
          "user",
          "metadata",
          "stream",
          "service_tier",
          "prompt_cache_key",
          "safety_identifier",
          "parallel_tool_calls");

  private ResponsesRequest() {}

  static ObjectNode of(ObjectNode chat) {
    Inexpressible.requireNone(chat, "Responses");
    if (!chat.path("stop").asString(chat.path("stop").isEmpty() ? "" : "x").isEmpty()) {
      throw Inexpressible.refusal("Responses", "stop", "\"stop\"");
    }
    ObjectNode request = ChatJson.mapper().createObjectNode();
    for (String name : SAME) {
      if (chat.hasNonNull(name)) {
        request.set(name, chat.get(name));
      }
    }
    ArrayNode input = request.putArray("input");
    Set<String> custom = customCalls(chat);
    chat.path("messages").forEach(message -> add(message, input, custom));
    if (chat.path("logprobs").asBoolean(false)) {
      request.putArray("include").add("message.output_text.logprobs");
    }
    // Clients of a chat send the whole conversation with each request.
    request.put("store", false);
    JsonNode most = chat.path("max_completion_tokens");
    most = most.isNumber() ? most : chat.path("max_tokens");
    if (most.isNumber()) {
      request.set("max_output_tokens", most);
    }
    if (chat.path("reasoning_effort").isString()) {
      request.putObject("reasoning").set("effort", chat.get("reasoning_effort"));
    }
    text(chat, request);
    tools(chat, request);
    return request;
  }

  private static void text(ObjectNode chat, ObjectNode request) {
    JsonNode format = chat.path("response_format");
    JsonNode verbosity = chat.path("verbosity");
    if (!format.isObject() && !verbosity.isString()) {
      return;
    }
    ObjectNode text = request.putObject("text");
    if (verbosity.isString()) {
      text.set("verbosity", verbosity);
    }
    if (format.isObject()) {
      ObjectNode flat = text.putObject("format");
      flat.set("type", format.path("type"));
      if (format.path("json_schema") instanceof ObjectNode schema) {
        flat.setAll(schema);
      }
    }
  }

  /// Ids of the calls of custom tools, whose results have a type of their own.
  private static Set<String> customCalls(ObjectNode chat) {
    var ids = new HashSet<String>();
    for (JsonNode message : chat.path("messages")) {
      for (JsonNode call : message.path("tool_calls")) {
        if (call.path("custom").isObject()) {
          ids.add(call.path("id").asString(""));
        }
      }
    }
    return ids;
  }

  private static void add(JsonNode message, ArrayNode input, Set<String> custom) {
    String role = message.path("role").asString("user");
    JsonNode content = message.path("content");
    switch (role) {
      case "tool", "function" ->
          input
              .addObject()
              .put(
                  "type",
                  custom.contains(message.path("tool_call_id").asString(""))
                      ? "custom_tool_call_output"
                      : "function_call_output")
              .put("call_id", message.path("tool_call_id").asString(""))
              .put("output", words(content));
      case "assistant" -> {
        String text = words(content);
        if (!text.isEmpty()) {
          input
              .addObject()
              .put("role", role)
              .putArray("content")
              .addObject()
              .put("type", "output_text")
              .put("text", text);
        }
        for (JsonNode call : message.path("tool_calls")) {
          boolean isCustom = call.path("custom").isObject();
          JsonNode said = call.path(isCustom ? "custom" : "function");
          String given = isCustom ? "input" : "arguments";
          input
              .addObject()
              .put("type", isCustom ? "custom_tool_call" : "function_call")
              .put("call_id", call.path("id").asString(""))
              .put("name", said.path("name").asString(""))
              .put(given, said.path(given).asString(""));
        }
      }
      default -> {
        ObjectNode item = input.addObject().put("role", role);
        if (content.isArray()) {
          ArrayNode parts = item.putArray("content");
          content.forEach(part -> part(part, parts));
        } else {
          item.put("content", content.asString(""));
        }
      }
    }
  }

  private static String words(JsonNode content) {
    if (!content.isArray()) {
      return content.asString("");
    }
    var text = new StringBuilder();
    content.forEach(
        part -> text.append(part.path("text").asString(part.path("refusal").asString(""))));
    return text.toString();
  }

  private static void part(JsonNode part, ArrayNode parts) {
    switch (part.path("type").asString("")) {
      case "text" ->
          parts.addObject().put("type", "input_text").put("text", part.path("text").asString(""));
      case "image_url" -> {
        ObjectNode image = parts.addObject().put("type", "input_image");
        image.put("image_url", part.at("/image_url/url").asString(""));
        image.put("detail", part.at("/image_url/detail").asString("auto"));
      }
      case "file" -> {
        ObjectNode file = parts.addObject().put("type", "input_file");
        if (part.path("file") instanceof ObjectNode fields) {
          file.setAll(fields);
        }
      }
      default -> parts.add(part);
    }
  }

  private static void tools(ObjectNode chat, ObjectNode request) {
    if (chat.path("tools").isEmpty()) {
      return;
    }
    ArrayNode tools = request.putArray("tools");
    for (JsonNode tool : chat.path("tools")) {
      if (tool.path("custom") instanceof ObjectNode custom) {
        custom(custom, tools.addObject().put("type", "custom"));
        continue;
      }
      ObjectNode flat = tools.addObject().put("type", "function");
      if (tool.path("function") instanceof ObjectNode function) {
        flat.setAll(function);
      }
      if (!flat.has("parameters")) {
        flat.putObject("parameters").put("type", "object").putObject("properties");
      }
      // In a chat, a schema is only a hint unless the client says otherwise.
      if (!flat.hasNonNull("strict")) {
        flat.put("strict", false);
      }
    }
    JsonNode choice = chat.path("tool_choice");
    if (choice.isString()) {
      request.set("tool_choice", choice);
    } else if (choice.path("allowed_tools").isObject()) {
      ObjectNode allowed = request.putObject("tool_choice").put("type", "allowed_tools");
      allowed.set("mode", choice.at("/allowed_tools/mode"));
      ArrayNode named = allowed.putArray("tools");
      choice.at("/allowed_tools/tools").forEach(tool -> named.add(named(tool)));
    } else if (choice.isObject()) {
      request.set("tool_choice", named(choice));
    }
  }

  /// A tool by its type and name.
  private static ObjectNode named(JsonNode tool) {
    String type = tool.path("type").asString("function");
    ObjectNode flat = ChatJson.mapper().createObjectNode().put("type", type);
    return flat.put("name", tool.path(type).path("name").asString(""));
  }

  private static void custom(ObjectNode custom, ObjectNode flat) {
    flat.setAll(custom);
    if (custom.at("/format/grammar") instanceof ObjectNode grammar) {
      flat.putObject("format").put("type", "grammar").setAll(grammar);
    }
  }
}
