package org.embedllm.artifact;

import org.embedllm.question.DeprecatedNames;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.storage.JsonTrees;
import tools.jackson.databind.JsonNode;

/// An encoder's identity as one line of JSON: `name`, `digest`, `dimension`, `maxTokens`,
/// `textFeatures`.
final class EncoderJson {

  private static final String TEXT_FEATURES = "textFeatures";

  private EncoderJson() {}

  static String write(EncoderIdentity encoder) {
    return JsonTrees.object()
        .put("name", encoder.name())
        .put("digest", encoder.digest())
        .put("dimension", encoder.dimension())
        .put("maxTokens", encoder.maxTokens())
        .put(TEXT_FEATURES, encoder.textFeatures().columns())
        .toString();
  }

  /// @throws IllegalArgumentException when a part is missing or wrong
  static EncoderIdentity read(String json) {
    JsonNode node = JsonTrees.read(json);
    for (String part : new String[] {"name", "digest", "dimension", "maxTokens"}) {
      if (!node.path(part).isValueNode()) {
        throw new IllegalArgumentException("encoder has no " + part);
      }
    }
    String name = node.path("name").asString();
    String digest = node.path("digest").asString();
    int dimension = node.path("dimension").asInt();
    int maxTokens = node.path("maxTokens").asInt();
    JsonNode textFeatures = node.path(TEXT_FEATURES);
    return textFeatures.isMissingNode()
        ? DeprecatedNames.identity(name, digest, dimension, maxTokens)
        : EncoderIdentity.ofStored(name, digest, dimension, maxTokens, textFeatures.asInt());
  }
}
