package org.embedllm.gateway.openai;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// JSON with bounds that fit requests carrying images.
public final class ChatJson {
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(200)
                  .maxStringLength(256 << 20)
                  .build())
          .build();
  private static final JsonMapper MAPPER = JsonMapper.builder(FACTORY).build();

  private ChatJson() {}

  public static JsonMapper mapper() {
    return MAPPER;
  }

  /// A request's body.
  ///
  /// @throws ApiException 400 where it is not JSON
  public static JsonNode read(byte[] bytes) {
    requireUtf8(bytes);
    try {
      return MAPPER.readTree(bytes);
    } catch (JacksonException e) {
      throw notJson(e);
    }
  }

  /// @throws ApiException 400 where the bytes are UTF-16 or UTF-32, of which JSON has zeros among
  ///   its first four
  static void requireUtf8(byte[] bytes) {
    boolean other = bytes.length >= 2 && (bytes[0] & 0xfe) == 0xfe && (bytes[1] & 0xfe) == 0xfe;
    for (int i = 0; i < Math.min(4, bytes.length); i++) {
      other |= bytes[i] == 0;
    }
    if (other) {
      throw ApiException.badRequest("invalid_encoding", "body", "the body must be UTF-8");
    }
  }

  /// What a client is told whose body is not JSON: the parser's words without where it looked.
  static ApiException notJson(JacksonException e) {
    String said =
        String.valueOf(e.getOriginalMessage()).replaceAll("\\s*\\([^()]*\\[Source:.*", "");
    return ApiException.badRequest(
        "invalid_json", "body", "the body is not valid JSON: " + said.strip());
  }

  public static byte[] bytes(JsonNode node) {
    return MAPPER.writeValueAsBytes(node);
  }
}
