package org.embedllm.gateway.openai;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What other APIs cannot express of a chat completion's request. Hints, such as a seed, are not
/// among it: they are left out.
public final class Inexpressible {
  private Inexpressible() {}

  /// @param api that cannot express it, as its users call it
  /// @param more beyond what no other API can: `logprobs`, `custom` tools, `json_object`
  /// @throws ApiException 400 that names the first field at fault
  public static void requireNone(ObjectNode chat, String api, String... more) {
    var found = new ArrayList<>(fields(chat));
    for (String each : more) {
      switch (each) {
        case "logprobs" -> {
          if (chat.path("logprobs").asBoolean(false)) {
            found.add("logprobs");
          }
        }
        case "custom" -> custom(chat).ifPresent(found::add);
        default -> {
          if (chat.at("/response_format/type").asString("").equals(each)) {
            found.add("response_format");
          }
        }
      }
    }
    if (!found.isEmpty()) {
      throw refusal(api, found.getFirst(), "\"" + found.getFirst() + "\" as it is asked for");
    }
  }

  private static List<String> fields(ObjectNode chat) {
    var found = new ArrayList<String>();
    if (chat.path("n").asInt(1) > 1) {
      found.add("n");
    }
    for (String field : List.of("functions", "logit_bias", "audio")) {
      if (!chat.path(field).isEmpty()) {
        found.add(field);
      }
    }
    return found;
  }

  /// The field with custom tools or their calls.
  private static Optional<String> custom(ObjectNode chat) {
    for (JsonNode tool : chat.path("tools")) {
      if (tool.path("type").asString("").equals("custom")) {
        return Optional.of("tools");
      }
    }
    for (JsonNode message : chat.path("messages")) {
      for (JsonNode call : message.path("tool_calls")) {
        if (call.path("type").asString("").equals("custom")) {
          return Optional.of("messages");
        }
      }
    }
    return Optional.empty();
  }

  /// @param api that cannot express it
  /// @param param the field at fault
  /// @param what it has
  public static ApiException refusal(String api, String param, String what) {
    return ApiException.badRequest(
        "unsupported_value", param, what + " cannot be sent to an upstream of the " + api + " API");
  }
}
