package org.embedllm.gateway.store;

import java.util.ArrayList;
import java.util.List;
import org.embedllm.gateway.observe.FailedAttempt;
import org.embedllm.gateway.openai.ChatJson;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/// The column `failed`: a JSON list of `{upstream, kind, detail}`, so that names may hold anything;
/// before 0.2 the labels, joined by commas.
final class FailedAttempts {
  private FailedAttempts() {}

  static String write(List<FailedAttempt> attempts) {
    if (attempts.isEmpty()) {
      return "";
    }
    ArrayNode list = ChatJson.mapper().createArrayNode();
    for (FailedAttempt a : attempts) {
      list.addObject()
          .put("upstream", a.upstream())
          .put("kind", a.kind())
          .put("detail", a.detail());
    }
    return ChatJson.mapper().writeValueAsString(list);
  }

  static List<FailedAttempt> read(String text) {
    var attempts = new ArrayList<FailedAttempt>();
    if (text.startsWith("[")) {
      for (JsonNode a : ChatJson.mapper().readTree(text)) {
        attempts.add(
            new FailedAttempt(
                a.path("upstream").asString(""),
                a.path("kind").asString(""),
                a.path("detail").asString("")));
      }
    } else if (!text.isEmpty()) {
      for (String label : text.split(",", -1)) {
        attempts.add(FailedAttempt.ofLabel(label));
      }
    }
    return attempts;
  }
}
