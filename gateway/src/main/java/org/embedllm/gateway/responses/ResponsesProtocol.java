package org.embedllm.gateway.responses;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.embedllm.gateway.openai.Api;
import org.embedllm.gateway.openai.ApiException;
import org.embedllm.gateway.openai.ClientProtocol;
import org.embedllm.gateway.openai.Json;
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
    if (!(Json.read(body) instanceof ObjectNode request)) {
      throw ApiException.badRequest("invalid_json", "body", "the body must be a JSON object");
    }
    List<JsonNode> input = input(request, scope);
    ObjectNode chat = Json.mapper().createObjectNode();
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
    if (messages.isEmpty()) {
      throw ApiException.badRequest(
          "missing_required_parameter", "input", "\"input\" is missing from the request");
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
            new UnchangedResponses(output -> keep(scope, store, input, output))));
  }

  /// The request without references, which only the gateway knows.
  private static ObjectNode selfContained(ObjectNode request, List<JsonNode> input) {
    boolean refers = request.path("previous_response_id").isString();
    for (JsonNode item : request.path("input")) {
      refers |= item.path("type").asString("").equals("item_reference");
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
      String json = Json.mapper().createArrayNode().addAll(all).toString();
      if (json.length() <= MOST_STORED_CHARACTERS) {
        stored.keep(scope, id, json);
      }
    }
  }

  /// How long a conversation is kept: where `store` is not said, in memory.
  private enum Storing {
    NOT,
    FOR_A_DAY,
    LASTING
  }

  private Optional<List<JsonNode>> conversation(String scope, String id) {
    return items
        .find(scope, id)
        .or(() ->
            stored
                .find(scope, id)
                .map(json -> {
                  var all = new ArrayList<JsonNode>();
                  Json.mapper().readTree(json).forEach(all::add);
                  return all;
                }));
  }

  /// The whole conversation: what was before, and what this request adds.
  private List<JsonNode> input(ObjectNode request, String scope) {
    var all = new ArrayList<JsonNode>();
    JsonNode previous = request.path("previous_response_id");
    if (previous.isString()) {
      all.addAll(
          conversation(scope, previous.asString())
              .orElseThrow(() ->
                  ApiException.badRequest(
                      "previous_response_not_found",
                      "previous_response_id",
                      "there is no response \"" + previous.asString() + "\" here")));
    }
    JsonNode input = request.path("input");
    if (input.isString()) {
      ObjectNode message = Json.mapper().createObjectNode();
      all.add(message.put("role", "user").put("content", input.asString()));
    }
    for (JsonNode item : input.isArray() ? input : Json.mapper().createArrayNode()) {
      if (item.path("type").asString("").equals("item_reference")) {
        String id = item.path("id").asString("");
        all.addAll(
            items
                .find(scope, id)
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

  /// Function tools; tools that OpenAI itself would run are left out.
  private static void tools(ObjectNode request, ObjectNode chat) {
    ArrayNode tools = Json.mapper().createArrayNode();
    for (JsonNode tool : request.path("tools")) {
      if (tool.path("type").asString("").equals("function")) {
        ObjectNode function = tools.addObject().put("type", "function").putObject("function");
        for (String name : List.of("name", "description", "parameters", "strict")) {
          if (tool.hasNonNull(name)) {
            function.set(name, tool.get(name));
          }
        }
      }
    }
    if (tools.isEmpty()) {
      return;
    }
    chat.set("tools", tools);
    if (request.path("parallel_tool_calls").isBoolean()) {
      chat.set("parallel_tool_calls", request.get("parallel_tool_calls"));
    }
    JsonNode choice = request.path("tool_choice");
    if (choice.isString()) {
      chat.set("tool_choice", choice);
    } else if (choice.path("type").asString("").equals("function")) {
      chat.putObject("tool_choice")
          .put("type", "function")
          .putObject("function")
          .set("name", choice.path("name"));
    } else if (choice.path("type").asString("").equals("allowed_tools")) {
      chat.put("tool_choice", choice.path("mode").asString("auto"));
    }
  }
}
