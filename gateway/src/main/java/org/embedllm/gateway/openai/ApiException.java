package org.embedllm.gateway.openai;

import java.time.Duration;
import java.util.Optional;

/// An answer other than 200, in OpenAI's shape.
public final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient ApiError error;

  public ApiException(ApiError error) {
    super(error.message(), null, false, false);
    this.error = error;
  }

  public ApiError error() {
    return error;
  }

  /// A request that cannot be served.
  public static ApiException badRequest(String code, String param, String message) {
    return new ApiException(
        new ApiError(
            400,
            "invalid_request_error",
            Optional.of(code),
            Optional.of(param),
            message,
            Optional.empty()));
  }

  /// A request to wait with.
  public static ApiException tooMany(String code, String message, Duration retryAfter) {
    return new ApiException(
        new ApiError(
            429,
            code.equals("insufficient_quota") ? code : "rate_limit_error",
            Optional.of(code),
            Optional.empty(),
            message,
            Optional.of(retryAfter)));
  }

  public static ApiException of(int status, String type, String code, String message) {
    return new ApiException(
        new ApiError(status, type, Optional.of(code), Optional.empty(), message, Optional.empty()));
  }
}
