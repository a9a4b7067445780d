package org.embedllm.gateway.shadow;

import java.util.ArrayList;
import java.util.List;
import org.embedllm.gateway.openai.ChatJson;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// What a client was answered, in chat completions. The bytes are not looked at before the client
/// has all of them. For one request.
public final class AnswerCapture {
  private static final int MOST_BYTES = 1 << 20;

  private final List<byte[]> parts = new ArrayList<>();
  private int bytes;

  /// Adds a part.
  ///
  /// @param part a chat completion or a chunk of one, not to be changed
  public void add(byte[] part) {
    if (bytes <= MOST_BYTES) {
      parts.add(part);
      bytes += part.length;
    }
  }

  /// The text of the first choice; empty where there is none, or it is too long.
  public String text() {
    if (bytes > MOST_BYTES) {
      return "";
    }
    var text = new StringBuilder();
    for (byte[] part : parts) {
      text.append(text(part));
    }
    return text.toString();
  }

  static String text(byte[] part) {
    try {
      JsonNode choice = ChatJson.mapper().readTree(part).path("choices").path(0);
      JsonNode message = choice.has("delta") ? choice.path("delta") : choice.path("message");
      return message.path("content").asString("");
    } catch (JacksonException e) {
      return "";
    }
  }
}
