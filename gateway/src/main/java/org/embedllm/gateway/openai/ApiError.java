package org.embedllm.gateway.openai;

import java.time.Duration;
import java.util.Optional;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// What a client is told when something is wrong.
///
/// @param status HTTP status
/// @param type OpenAI's coarse kind
/// @param code finer kind
/// @param param the request's field at fault
/// @param message what is wrong and what to do
/// @param retryAfter when to try again
public record ApiError(
    int status,
    String type,
    Optional<String> code,
    Optional<String> param,
    String message,
    Optional<Duration> retryAfter) {

  /// `{"error": {"message", "type", "param", "code"}}`.
  public ObjectNode json() {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    ObjectNode error = root.putObject("error");
    error.put("message", message);
    error.put("type", type);
    param.ifPresentOrElse(p -> error.put("param", p), () -> error.putNull("param"));
    code.ifPresentOrElse(c -> error.put("code", c), () -> error.putNull("code"));
    return root;
  }
}
