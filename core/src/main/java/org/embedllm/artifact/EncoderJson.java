package org.embedllm.artifact;

import org.embedllm.question.EncoderIdentity;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// An encoder's identity as one line of JSON: `name`, `digest`, `dimension`, `maxTokens`.
final class EncoderJson {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private EncoderJson() {}

  static String write(EncoderIdentity encoder) {
    return JSON.createObjectNode()
        .put("name", encoder.name())
        .put("digest", encoder.digest())
        .put("dimension", encoder.dimension())
        .put("maxTokens", encoder.maxTokens())
        .toString();
  }

  /// @throws IllegalArgumentException when a part is missing
  static EncoderIdentity read(String json) {
    JsonNode node = JSON.readTree(json);
    for (String part : new String[] {"name", "digest", "dimension", "maxTokens"}) {
      if (!node.path(part).isValueNode()) {
        throw new IllegalArgumentException("encoder has no " + part);
      }
    }
    return new EncoderIdentity(
        node.path("name").asString(),
        node.path("digest").asString(),
        node.path("dimension").asInt(),
        node.path("maxTokens").asInt());
  }
}
