package org.embedllm.source.table;

import java.util.ArrayList;
import java.util.List;
import org.embedllm.source.file.JsonRecords;
import org.embedllm.source.file.PythonLiterals;
import tools.jackson.databind.JsonNode;

/// A prompt as a list of chat messages, in JSON or as Python prints it: read as the text of its
/// user.
final class ChatPrompt {
  private ChatPrompt() {}

  /// The text of a prompt: what the user says where it is a list of chat messages, else the prompt
  /// itself.
  static String text(String prompt) {
    if (!mayBeMessages(prompt)) {
      return prompt;
    }
    JsonNode messages = PythonLiterals.read(prompt);
    List<String> texts = new ArrayList<>();
    boolean isChat = messages.isArray() && !messages.isEmpty();
    for (JsonNode message : messages) {
      isChat &= message.path("role").isString() && message.has("content");
      if (message.path("role").asString("").equals("user")) {
        String text = content(message.path("content"));
        if (!text.isEmpty()) {
          texts.add(text);
        }
      }
    }
    return isChat && !texts.isEmpty() ? JsonRecords.wellFormed(String.join("\n", texts)) : prompt;
  }

  /// A cheap look at the beginning, since every prompt passes here.
  private static boolean mayBeMessages(String prompt) {
    if (!(prompt.startsWith("[") || prompt.startsWith("(") || prompt.startsWith("array("))) {
      return false;
    }
    return prompt.contains("\"role\"") || prompt.contains("'role'");
  }

  /// A text, or the texts among the parts of a message.
  private static String content(JsonNode content) {
    if (!content.isArray()) {
      return content.asString("");
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode part : content) {
      String text = part.isString() ? part.asString() : part.path("text").asString("");
      if (!text.isEmpty()) {
        texts.add(text);
      }
    }
    return String.join("\n", texts);
  }
}
