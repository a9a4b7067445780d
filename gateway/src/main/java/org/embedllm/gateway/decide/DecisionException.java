package org.embedllm.gateway.decide;

import java.util.Optional;

/// Why no model was chosen for a request.
public final class DecisionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// The obstacle.
  public enum Reason {
    /// The request names a model that no upstream offers.
    UNKNOWN_MODEL,
    /// The client may not use what the request names.
    NOT_ALLOWED,
    /// The model named is a policy that cannot be read.
    INVALID_POLICY,
    /// The model named does not meet a need of the request.
    UNSUPPORTED,
    /// The request is longer than the context of each model.
    TOO_LONG,
    /// No model meets every need of the request.
    NO_CANDIDATE,
    /// Too many prompts wait to be encoded.
    BUSY
  }

  private final Reason reason;

  DecisionException(Reason reason, String message) {
    super(message, null, false, false);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }

  public String message() {
    return Optional.ofNullable(getMessage()).orElse("");
  }

  static DecisionException busy() {
    return new DecisionException(Reason.BUSY, "too many prompts wait to be encoded");
  }
}
