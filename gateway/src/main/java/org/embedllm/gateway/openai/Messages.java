package org.embedllm.gateway.openai;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;

/// The conversation of a completion request: its turns, and what a model must be able to do to read
/// them.
///
/// @param turns in their order
/// @param needs what its parts need of a model
/// @param images how many there are
record Messages(List<Turn> turns, Set<Capability> needs, int images) {
  static final Messages NONE = new Messages(List.of(), Set.of(), 0);

  Messages {
    turns = List.copyOf(turns);
    needs = Set.copyOf(needs);
  }

  /// @param parser at the value of `messages`
  /// @throws ApiException 400 where it is no array of messages, or an empty one
  static Messages read(JsonParser parser) {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw ApiException.badRequest("invalid_type", "messages", "\"messages\" must be an array");
    }
    var reader = new Reader();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      JsonNode message = parser.readValueAsTree();
      if (!message.isObject() || !message.path("role").isString()) {
        throw ApiException.badRequest(
            "invalid_type", "messages", "each message must be an object with a \"role\"");
      }
      reader.add(message);
    }
    if (reader.turns.isEmpty()) {
      throw ApiException.badRequest("empty_array", "messages", "\"messages\" has no message");
    }
    return new Messages(reader.turns, reader.needs, reader.images);
  }

  private static final class Reader {
    private final List<Turn> turns = new ArrayList<>();
    private final Set<Capability> needs = EnumSet.noneOf(Capability.class);
    private int images;

    void add(JsonNode message) {
      turns.add(turn(message));
      String role = message.path("role").asString();
      if (role.equals("tool") || role.equals("function") || !message.path("tool_calls").isEmpty()) {
        needs.add(Capability.TOOLS);
      }
    }

    private Turn turn(JsonNode message) {
      JsonNode content = message.path("content");
      int digest =
          message.path("tool_calls").hashCode() * 31 + message.path("tool_call_id").hashCode();
      if (!content.isArray()) {
        return new Turn(message.path("role").asString(), content.asString(""), digest);
      }
      var text = new StringBuilder();
      for (JsonNode part : content) {
        String type = part.path("type").asString("");
        if (type.equals("text")) {
          text.append(text.isEmpty() ? "" : "\n").append(part.path("text").asString(""));
        } else {
          images += type.equals("image_url") ? 1 : 0;
          need(type);
          digest = digest * 31 + part.hashCode();
        }
      }
      return new Turn(message.path("role").asString(), text.toString(), digest);
    }

    private void need(String contentType) {
      switch (contentType) {
        case "image_url", "input_image" -> needs.add(Capability.IMAGES);
        case "input_audio", "audio_url" -> needs.add(Capability.AUDIO);
        case "file", "input_file" -> needs.add(Capability.FILES);
        case "video_url", "input_video" -> needs.add(Capability.VIDEO);
        default -> {
          // Others, such as a refusal, any model takes.
        }
      }
    }
  }
}
