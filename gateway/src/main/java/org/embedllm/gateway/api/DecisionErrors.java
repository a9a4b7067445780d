package org.embedllm.gateway.api;

import java.time.Duration;
import org.embedllm.gateway.decide.DecisionException;
import org.embedllm.gateway.openai.ApiException;

/// The error for a client when no model was chosen.
final class DecisionErrors {
  private DecisionErrors() {}

  static ApiException toApi(DecisionException e) {
    return switch (e.reason()) {
      case UNKNOWN_MODEL ->
          ApiException.of(404, "invalid_request_error", "model_not_found", e.message());
      case NOT_ALLOWED ->
          ApiException.of(403, "invalid_request_error", "model_not_allowed", e.message());
      case INVALID_POLICY -> ApiException.badRequest("invalid_policy", "model", e.message());
      case UNSUPPORTED -> ApiException.badRequest("unsupported_by_model", "messages", e.message());
      case TOO_LONG -> ApiException.badRequest("context_length_exceeded", "messages", e.message());
      case NO_CANDIDATE -> ApiException.badRequest("no_candidate", "model", e.message());
      case BUSY -> ApiException.tooMany("encoder_busy", e.message(), Duration.ofSeconds(1));
    };
  }
}
