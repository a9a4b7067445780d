package org.embedllm.gateway.responses;

import java.util.List;
import java.util.Map;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.gateway.openai.Ids;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The response to one request, while it comes to be. Used by one thread.
final class ResponseObject {
  private static final List<String> REPEATED =
      List.of(
          "instructions",
          "max_output_tokens",
          "metadata",
          "parallel_tool_calls",
          "previous_response_id",
          "reasoning",
          "store",
          "temperature",
          "text",
          "tool_choice",
          "tools",
          "top_p",
          "truncation",
          "user");

  private static final Map<String, Object> DEFAULTS =
      Map.of(
          "parallel_tool_calls",
          true,
          "store",
          true,
          "tool_choice",
          "auto",
          "truncation",
          "disabled");

  private final ObjectNode response = ChatJson.mapper().createObjectNode();
  private final ArrayNode output;

  ResponseObject(ObjectNode request) {
    response.put("id", Ids.fresh("resp_"));
    response.put("object", "response");
    response.put("created_at", System.currentTimeMillis() / 1000);
    response.put("status", "in_progress");
    response.putNull("error");
    response.putNull("incomplete_details");
    response.put("model", request.path("model").asString("auto"));
    this.output = response.putArray("output");
    for (String name : REPEATED) {
      response.set(name, request.hasNonNull(name) ? request.get(name) : otherwise(name));
    }
    response.putNull("usage");
  }

  private static JsonNode otherwise(String name) {
    return switch (name) {
      case "metadata" -> ChatJson.mapper().createObjectNode();
      case "tools" -> ChatJson.mapper().createArrayNode();
      case "text" -> {
        ObjectNode text = ChatJson.mapper().createObjectNode();
        text.putObject("format").put("type", "text");
        yield text;
      }
      default -> ChatJson.mapper().valueToTree(DEFAULTS.get(name));
    };
  }

  ObjectNode json() {
    return response;
  }

  /// Adds an item; its position is [#next] before.
  void add(ObjectNode item) {
    output.add(item);
  }

  int next() {
    return output.size();
  }

  void model(String name) {
    response.put("model", name);
  }

  /// @param usage as chat completions have it
  void usage(JsonNode usage) {
    long in = usage.path("prompt_tokens").asLong(0);
    long out = usage.path("completion_tokens").asLong(0);
    ObjectNode tokens = response.putObject("usage");
    tokens.put("input_tokens", in);
    tokens
        .putObject("input_tokens_details")
        .put("cached_tokens", usage.at("/prompt_tokens_details/cached_tokens").asLong(0));
    tokens.put("output_tokens", out);
    tokens
        .putObject("output_tokens_details")
        .put("reasoning_tokens", usage.at("/completion_tokens_details/reasoning_tokens").asLong(0));
    tokens.put("total_tokens", in + out);
    if (usage.path("cost").isNumber()) {
      tokens.set("cost", usage.get("cost"));
    }
  }

  /// @param reason why the answer ended, as chat completions say it
  /// @return the name of the event that says so
  String finish(String reason) {
    boolean cut = isCut(reason);
    response.put("status", cut ? "incomplete" : "completed");
    if (cut) {
      response
          .putObject("incomplete_details")
          .put("reason", reason.equals("length") ? "max_output_tokens" : reason);
    }
    return cut ? "response.incomplete" : "response.completed";
  }

  private static boolean isCut(String reason) {
    return reason.equals("length") || reason.equals("content_filter");
  }

  /// The status of the item at which an answer ended.
  ///
  /// @param reason why it ended, as chat completions say it
  static String statusOf(String reason) {
    return isCut(reason) ? "incomplete" : "completed";
  }

  void fail(String code, String message) {
    response.put("status", "failed");
    response.putObject("error").put("code", code).put("message", message);
  }

  static ObjectNode message(String id, String status) {
    ObjectNode item = ChatJson.mapper().createObjectNode();
    item.put("id", id).put("type", "message").put("status", status).put("role", "assistant");
    item.putArray("content");
    return item;
  }

  /// @param type `output_text` or `refusal`
  static ObjectNode part(String type, String text) {
    ObjectNode part = ChatJson.mapper().createObjectNode().put("type", type);
    if (type.equals("refusal")) {
      return part.put("refusal", text);
    }
    part.put("text", text);
    part.putArray("annotations");
    part.putArray("logprobs");
    return part;
  }

  static ObjectNode call(String id, String status, String callId, String name, String arguments) {
    return ChatJson.mapper()
        .createObjectNode()
        .put("id", id)
        .put("type", "function_call")
        .put("status", status)
        .put("call_id", callId)
        .put("name", name)
        .put("arguments", arguments);
  }

  /// A call of a custom tool, which takes text.
  static ObjectNode customCall(String id, String status, String callId, String name, String input) {
    return ChatJson.mapper()
        .createObjectNode()
        .put("id", id)
        .put("type", "custom_tool_call")
        .put("status", status)
        .put("call_id", callId)
        .put("name", name)
        .put("input", input);
  }

  static ObjectNode reasoning(String id, String text) {
    ObjectNode item = ChatJson.mapper().createObjectNode().put("id", id).put("type", "reasoning");
    ArrayNode summary = item.putArray("summary");
    if (!text.isEmpty()) {
      summary.addObject().put("type", "summary_text").put("text", text);
    }
    return item;
  }
}
