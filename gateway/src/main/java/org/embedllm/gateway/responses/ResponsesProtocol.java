package org.embedllm.gateway.responses;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.embedllm.gateway.openai.Api;
import org.embedllm.gateway.openai.ApiException;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.gateway.openai.ClientProtocol;
import org.embedllm.gateway.openai.RequestBody;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `POST /v1/responses`. Safe for several threads.
public final class ResponsesProtocol implements ClientProtocol {
  private static final List<String> SAME =
      List.of(
          "model",
          "models",
          "temperature",
          "top_p",
          "user",
          "usage",
          "prompt_cache_key",
          "safety_identifier",
          "service_tier");

  /// A longer conversation is kept in memory alone.
  private static final int MOST_STORED_CHARACTERS = 4 << 20;

  private final ResponseItems items = new ResponseItems();
  private final ResponseStore stored;

  /// @param stored for conversations that clients want stored
  public ResponsesProtocol(ResponseStore stored) {
    this.stored = stored;
  }

  @Override
  public Translated translate(byte[] body, String scope) {
    if (!(ChatJson.read(body) instanceof ObjectNode request)) {
      throw ApiException.badRequest("invalid_json", "body", "the body must be a JSON object");
    }
    List<JsonNode> input = input(request, scope);
    ObjectNode chat = ChatJson.mapper().createObjectNode();
    for (String name : SAME) {
      if (request.hasNonNull(name)) {
        chat.set(name, request.get(name));
      }
    }
    var messages = new ChatMessages(chat.putArray("messages"));
    if (request.path("instructions").isString()) {
      messages.system(request.path("instructions").asString());
    }
    input.forEach(messages::add);
    messages.end();
    Optional<ApiException> inexpressible =
        inexpressible(request).or(messages::inexpressible).or(() -> toolChoice(request));
    if (messages.isEmpty()) {
      if (inexpressible.isEmpty()) {
        throw ApiException.badRequest(
            "missing_required_parameter", "input", "\"input\" is missing from the request");
      }
      messages.system(""); // The input is where the gateway does not see it.
    }
    if (request.path("max_output_tokens").isNumber()) {
      chat.set("max_completion_tokens", request.get("max_output_tokens"));
    }
    JsonNode effort = request.at("/reasoning/effort");
    if (effort.isString()) {
      chat.set("reasoning_effort", effort);
    }
    if (request.at("/text/verbosity").isString()) {
      chat.set("verbosity", request.at("/text/verbosity"));
    }
    ObjectNode attributes = RequestBody.attributes(request.path("metadata"));
    if (!attributes.isEmpty()) {
      chat.set("metadata", attributes);
    }
    format(request.at("/text/format"), chat);
    tools(request, chat);
    logprobs(request, chat);
    if (request.path("stream").asBoolean(false)) {
      chat.put("stream", true);
    }
    Storing store =
        !request.path("store").asBoolean(true)
            ? Storing.NOT
            : request.path("store").isBoolean() ? Storing.LASTING : Storing.FOR_A_DAY;
    return new Translated(
        chat,
        new ResponsesFormat(
            new ResponseObject(request), output -> keep(scope, store, input, output)),
        new Original(
            Api.RESPONSES,
            selfContained(request, input),
            new UnchangedResponses(output -> keep(scope, store, input, output))),
        inexpressible);
  }

  /// @param what no chat completion can say
  static ApiException inexpressible(String param, String what) {
    return ApiException.badRequest(
        "unsupported_value",
        param,
        what + " can be sent to upstreams of the Responses API alone (api: responses)");
  }

  /// Fields that say what OpenAI itself keeps.
  private static Optional<ApiException> inexpressible(ObjectNode request) {
    return Stream.of("prompt", "conversation")
        .filter(request::hasNonNull)
        .findFirst()
        .map(field -> inexpressible(field, "\"" + field + "\""));
  }

  /// A tool that must be called, and that OpenAI itself runs.
  private static Optional<ApiException> toolChoice(ObjectNode request) {
    String type = request.at("/tool_choice/type").asString("function");
    return List.of("function", "custom", "allowed_tools").contains(type)
        ? Optional.empty()
        : Optional.of(inexpressible("tool_choice", "\"tool_choice\" of type \"" + type + "\""));
  }

  private static void logprobs(ObjectNode request, ObjectNode chat) {
    boolean asked = request.path("top_logprobs").asInt(0) > 0;
    for (JsonNode include : request.path("include")) {
      asked |= include.asString("").equals("message.output_text.logprobs");
    }
    if (asked) {
      chat.put("logprobs", true);
      if (request.path("top_logprobs").isNumber()) {
        chat.set("top_logprobs", request.get("top_logprobs"));
      }
    }
  }

  /// The request without references, which only the gateway knows.
  private static ObjectNode selfContained(ObjectNode request, List<JsonNode> input) {
    boolean refers = request.path("previous_response_id").isString();
    for (JsonNode item : request.path("input")) {
      refers |= isReference(item);
    }
    if (!refers) {
      return request;
    }
    ObjectNode whole = request.deepCopy();
    whole.remove("previous_response_id");
    ArrayNode items = whole.putArray("input");
    for (JsonNode item : input) {
      // Another upstream may have made the item, and its thoughts are readable for that one alone.
      boolean readable =
          !item.path("type").asString("").equals("reasoning")
              || item.hasNonNull("encrypted_content");
      if (readable && item.deepCopy() instanceof ObjectNode copy) {
        copy.remove("id");
        items.add(copy);
      }
    }
    return whole;
  }

  /// OpenAI lets clients leave a reference's type out.
  private static boolean isReference(JsonNode item) {
    return item.path("type").isString()
        ? item.path("type").asString().equals("item_reference")
        : item.path("id").isString() && !item.hasNonNull("role");
  }

  /// Items that were made are found again by their ids, whatever `store` says: clients refer to
  /// them in their next turn.
  private void keep(String scope, Storing store, List<JsonNode> input, ObjectNode response) {
    var all = new ArrayList<>(input);
    for (JsonNode item : response.path("output")) {
      items.keep(scope, item.path("id").asString(""), item);
      all.add(item);
    }
    String id = response.path("id").asString("");
    if (store != Storing.NOT) {
      items.keepConversation(scope, id, all);
    }
    if (store == Storing.LASTING) {
      String json = ChatJson.mapper().createArrayNode().addAll(all).toString();
      if (json.length() <= MOST_STORED_CHARACTERS) {
        stored.keep(scope, id, json);
        for (JsonNode item : response.path("output")) {
          stored.keep(
              scope,
              item.path("id").asString(""),
              ChatJson.mapper().createArrayNode().add(item).toString());
        }
      }
    }
  }

  /// How long a conversation is kept: where `store` is not said, in memory.
  private enum Storing {
    NOT,
    FOR_A_DAY,
    LASTING
  }

  /// The items of a conversation, by its last response, or one item by its own id.
  private Optional<List<JsonNode>> kept(String scope, String id) {
    return items
        .find(scope, id)
        .or(() ->
            stored
                .find(scope, id)
                .map(json -> {
                  var all = new ArrayList<JsonNode>();
                  ChatJson.mapper().readTree(json).forEach(all::add);
                  return all;
                }));
  }

  /// The whole conversation: what was before, and what this request adds.
  private List<JsonNode> input(ObjectNode request, String scope) {
    var all = new ArrayList<JsonNode>();
    JsonNode previous = request.path("previous_response_id");
    if (previous.isString()) {
      all.addAll(
          kept(scope, previous.asString())
              .orElseThrow(() ->
                  ApiException.badRequest(
                      "previous_response_not_found",
                      "previous_response_id",
                      "there is no response \"" + previous.asString() + "\" here")));
    }
    JsonNode input = request.path("input");
    if (input.isString()) {
      ObjectNode message = ChatJson.mapper().createObjectNode();
      all.add(message.put("role", "user").put("content", input.asString()));
    }
    for (JsonNode item : input.isArray() ? input : ChatJson.mapper().createArrayNode()) {
      if (isReference(item)) {
        String id = item.path("id").asString("");
        all.addAll(
            kept(scope, id)
                .orElseThrow(() ->
                    ApiException.badRequest(
                        "item_not_found", "input", "there is no item \"" + id + "\" here")));
      } else {
        all.add(item);
      }
    }
    return all;
  }

  private static void format(JsonNode format, ObjectNode chat) {
    switch (format.path("type").asString("")) {
      case "json_object" -> chat.putObject("response_format").put("type", "json_object");
      case "json_schema" -> {
        ObjectNode schema = chat.putObject("response_format").put("type", "json_schema");
        ObjectNode inner = schema.putObject("json_schema");
        for (String name : List.of("name", "description", "schema", "strict")) {
          if (format.hasNonNull(name)) {
            inner.set(name, format.get(name));
          }
        }
      }
      default -> {
        // Text is what comes without it.
      }
    }
  }

  /// Tools of the client; those that OpenAI itself would run are left out.
  private static void tools(ObjectNode request, ObjectNode chat) {
    JsonNode choice = request.path("tool_choice");
    Optional<JsonNode> allowed =
        choice.path("type").asString("").equals("allowed_tools")
            ? Optional.of(choice.path("tools"))
            : Optional.empty();
    ArrayNode tools = ChatJson.mapper().createArrayNode();
    for (JsonNode tool : request.path("tools")) {
      if (allowed.isEmpty() || isAmong(tool, allowed.get())) {
        tool(tool, tools);
      }
    }
    if (tools.isEmpty()) {
      return;
    }
    chat.set("tools", tools);
    if (request.path("parallel_tool_calls").isBoolean()) {
      chat.set("parallel_tool_calls", request.get("parallel_tool_calls"));
    }
    if (choice.isString()) {
      chat.set("tool_choice", choice);
      return;
    }
    switch (choice.path("type").asString("")) {
      case "function", "custom" -> {
        String type = choice.path("type").asString();
        ObjectNode one = chat.putObject("tool_choice").put("type", type);
        one.putObject(type).set("name", choice.path("name"));
      }
      case "allowed_tools" -> chat.put("tool_choice", choice.path("mode").asString("auto"));
      default -> {
        // Automatic where it is not said.
      }
    }
  }

  private static boolean isAmong(JsonNode tool, JsonNode allowed) {
    for (JsonNode each : allowed) {
      if (each.path("type").equals(tool.path("type"))
          && each.path("name").equals(tool.path("name"))) {
        return true;
      }
    }
    return false;
  }

  private static void tool(JsonNode tool, ArrayNode tools) {
    switch (tool.path("type").asString("")) {
      case "function" -> {
        ObjectNode function = tools.addObject().put("type", "function").putObject("function");
        for (String name : List.of("name", "description", "parameters", "strict")) {
          if (tool.hasNonNull(name)) {
            function.set(name, tool.get(name));
          }
        }
      }
      case "custom" -> {
        ObjectNode custom = tools.addObject().put("type", "custom").putObject("custom");
        for (String name : List.of("name", "description")) {
          if (tool.hasNonNull(name)) {
            custom.set(name, tool.get(name));
          }
        }
        if (tool.path("format") instanceof ObjectNode format) {
          ObjectNode inner = custom.putObject("format");
          inner.set("type", format.path("type"));
          if (format.has("definition")) {
            ObjectNode grammar = inner.putObject("grammar").setAll(format);
            grammar.remove("type");
          }
        }
      }
      default -> {
        // One that OpenAI itself would run.
      }
    }
  }
}
