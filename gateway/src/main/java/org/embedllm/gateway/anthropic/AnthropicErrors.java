package org.embedllm.gateway.anthropic;

import org.embedllm.gateway.openai.ApiError;
import org.embedllm.gateway.openai.ChatJson;
import tools.jackson.databind.node.ObjectNode;

/// Errors in Anthropic's shape.
public final class AnthropicErrors {
  private AnthropicErrors() {}

  /// `{"type": "error", "error": {"type", "message"}}`.
  public static ObjectNode json(ApiError error) {
    ObjectNode root = ChatJson.mapper().createObjectNode().put("type", "error");
    root.putObject("error").put("type", type(error.status())).put("message", error.message());
    return root;
  }

  private static String type(int status) {
    return switch (status) {
      case 401 -> "authentication_error";
      case 403 -> "permission_error";
      case 404, 405 -> "not_found_error";
      case 413 -> "request_too_large";
      case 429 -> "rate_limit_error";
      case 503 -> "overloaded_error";
      case 504 -> "timeout_error";
      default -> status >= 500 ? "api_error" : "invalid_request_error";
    };
  }
}
