package org.embedllm.gateway.openai;

import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;

/// Tokens of one call.
///
/// @param promptTokens read
/// @param answerTokens written
/// @param measured whether the upstream said so; otherwise estimated from the text's length
public record Usage(long promptTokens, long answerTokens, boolean measured) {

  public long total() {
    return promptTokens + answerTokens;
  }

  /// What an answer's `usage` says.
  static Optional<Usage> of(JsonNode usage) {
    if (!usage.isObject()) {
      return Optional.empty();
    }
    return Optional.of(
        new Usage(
            Math.max(0, usage.path("prompt_tokens").asLong(0)),
            Math.max(0, usage.path("completion_tokens").asLong(0)),
            true));
  }

  /// A whole answer, or a chunk of one.
  ///
  /// @param error whether it is an error in the clothes of an answer
  /// @param choices how many choices it has; -1 where it has no such field
  /// @param usage what it cost
  public record Answer(boolean error, int choices, Optional<Usage> usage) {}

  /// Reads the parts of an answer that matter to a gateway.
  ///
  /// @return empty where the bytes are not one JSON object
  public static Optional<Answer> read(byte[] bytes) {
    boolean error = false;
    int choices = -1;
    Optional<Usage> usage = Optional.empty();
    try (JsonParser parser = ChatJson.mapper().createParser(bytes)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return Optional.empty();
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (name) {
          case "error" -> {
            error = value != JsonToken.VALUE_NULL;
            parser.skipChildren();
          }
          case "choices" -> choices = count(parser);
          case "usage" -> usage = of(parser.readValueAsTree());
          default -> parser.skipChildren();
        }
      }
      if (parser.nextToken() != null) {
        return Optional.empty();
      }
    } catch (JacksonException e) {
      return Optional.empty();
    }
    return Optional.of(new Answer(error, choices, usage));
  }

  private static int count(JsonParser parser) {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      parser.skipChildren();
      return -1;
    }
    int n = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      parser.skipChildren();
      n++;
    }
    return n;
  }
}
