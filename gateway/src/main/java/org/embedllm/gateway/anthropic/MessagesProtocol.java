package org.embedllm.gateway.anthropic;

import java.util.List;
import org.embedllm.gateway.openai.Api;
import org.embedllm.gateway.openai.ApiException;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.gateway.openai.ClientProtocol;
import org.embedllm.gateway.openai.RequestBody;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `POST /v1/messages`. Safe for several threads.
public final class MessagesProtocol implements ClientProtocol {
  private static final List<String> SAME =
      List.of("model", "models", "temperature", "top_p", "usage");

  @Override
  public Translated translate(byte[] body, String scope) {
    if (!(ChatJson.read(body) instanceof ObjectNode request)) {
      throw ApiException.badRequest("invalid_json", "body", "the body must be a JSON object");
    }
    if (!request.path("messages").isArray() || request.path("messages").isEmpty()) {
      throw ApiException.badRequest(
          "missing_required_parameter", "messages", "\"messages\" is missing from the request");
    }
    ObjectNode chat = ChatJson.mapper().createObjectNode();
    for (String name : SAME) {
      if (request.hasNonNull(name)) {
        chat.set(name, request.get(name));
      }
    }
    var turns = new ChatTurns(chat.putArray("messages"));
    turns.system(request.path("system"));
    request.path("messages").forEach(turns::add);
    if (chat.path("messages").isEmpty()) {
      turns.empty(); // What it says is for upstreams of this API alone.
    }
    if (request.path("max_tokens").isNumber()) {
      chat.set("max_completion_tokens", request.get("max_tokens"));
    }
    if (!request.path("stop_sequences").isEmpty()) {
      chat.set("stop", request.get("stop_sequences"));
    }
    if (request.at("/metadata/user_id").isString()) {
      chat.set("user", request.at("/metadata/user_id"));
    }
    ObjectNode attributes = RequestBody.attributes(request.path("metadata"));
    if (!attributes.isEmpty()) {
      chat.set("metadata", attributes);
    }
    tools(request, chat);
    output(request, chat);
    if (request.path("stream").asBoolean(false)) {
      chat.put("stream", true);
    }
    String thinking = request.at("/thinking/type").asString("disabled");
    return new Translated(
        chat,
        new MessagesFormat(request.path("model").asString("auto"), !thinking.equals("disabled")),
        new Original(Api.MESSAGES, request, new UnchangedMessages()),
        turns.inexpressible());
  }

  /// The answer's form, and how much thought it is worth.
  private static void output(ObjectNode request, ObjectNode chat) {
    JsonNode format = request.at("/output_config/format");
    format = format.isObject() ? format : request.path("output_format");
    if (format.path("type").asString("").equals("json_schema")) {
      ObjectNode schema = chat.putObject("response_format").put("type", "json_schema");
      schema
          .putObject("json_schema")
          .put("name", "answer")
          .put("strict", true)
          .set("schema", format.path("schema"));
    }
    JsonNode budget = request.at("/thinking/budget_tokens");
    String effort =
        switch (request.at("/output_config/effort").asString("")) {
          case "low" -> "low";
          case "medium" -> "medium";
          case "high", "xhigh", "max" -> "high";
          default ->
              !budget.isNumber()
                  ? ""
                  : budget.asInt(0) < 4_096 ? "low" : budget.asInt(0) < 16_384 ? "medium" : "high";
        };
    if (!effort.isEmpty()) {
      chat.put("reasoning_effort", effort);
    }
  }

  /// Tools of the client; those that Anthropic itself would run are left out.
  private static void tools(ObjectNode request, ObjectNode chat) {
    ArrayNode tools = ChatJson.mapper().createArrayNode();
    for (JsonNode tool : request.path("tools")) {
      if (tool.path("type").asString("custom").equals("custom")) {
        ObjectNode function = tools.addObject().put("type", "function").putObject("function");
        function.set("name", tool.path("name"));
        if (tool.hasNonNull("description")) {
          function.set("description", tool.get("description"));
        }
        if (tool.hasNonNull("strict")) {
          function.set("strict", tool.get("strict"));
        }
        if (tool.hasNonNull("input_schema")) {
          function.set("parameters", tool.get("input_schema"));
        }
      }
    }
    if (tools.isEmpty()) {
      return;
    }
    chat.set("tools", tools);
    JsonNode choice = request.path("tool_choice");
    switch (choice.path("type").asString("")) {
      case "auto" -> chat.put("tool_choice", "auto");
      case "any" -> chat.put("tool_choice", "required");
      case "none" -> chat.put("tool_choice", "none");
      case "tool" ->
          chat.putObject("tool_choice")
              .put("type", "function")
              .putObject("function")
              .set("name", choice.path("name"));
      default -> {
        // Automatic where it is not said.
      }
    }
    if (choice.path("disable_parallel_tool_use").asBoolean(false)) {
      chat.put("parallel_tool_calls", false);
    }
  }
}
