package org.embedllm.gateway.openai;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A whole answer as the event stream that says the same.
public final class AnswerChunks {
  private AnswerChunks() {}

  /// @param answer a `chat.completion` or `text_completion`
  /// @return one chunk with all of it, and `[DONE]`
  public static byte[] of(byte[] answer) {
    JsonNode root = ChatJson.mapper().readTree(answer);
    if (root instanceof ObjectNode chunk) {
      if (chunk.path("object").asString("").equals("chat.completion")) {
        chunk.put("object", "chat.completion.chunk");
      }
      for (JsonNode choice : chunk.path("choices")) {
        if (choice instanceof ObjectNode object && object.has("message")) {
          JsonNode message = object.remove("message");
          number(message.path("tool_calls"));
          object.set("delta", message);
        }
      }
    }
    var out = new ByteArrayOutputStream(answer.length + 64);
    out.writeBytes("data: ".getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(ChatJson.bytes(root));
    out.writeBytes("\n\ndata: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII));
    return out.toByteArray();
  }

  /// In a chunk, tool calls have their positions.
  private static void number(JsonNode calls) {
    if (calls instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        if (array.get(i) instanceof ObjectNode call) {
          call.put("index", i);
        }
      }
    }
  }
}
