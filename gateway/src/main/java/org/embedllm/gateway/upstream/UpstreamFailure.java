package org.embedllm.gateway.upstream;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/// Why an upstream gave no answer.
public final class UpstreamFailure extends Exception {
  private static final long serialVersionUID = 1L;

  /// What happened.
  public enum Kind {
    /// No connection, or it broke before an answer.
    CONNECTION,
    /// Nothing came in time.
    TIMEOUT,
    /// 429.
    RATE_LIMITED,
    /// Its account has no money left: asked again after a while only.
    NO_QUOTA,
    /// It does not take a parameter or a kind of content of this request.
    UNSUPPORTED,
    /// 5xx, 408, 409 or 425.
    SERVER_ERROR,
    /// An answer that is none: garbage, another content type, an error with status 200.
    MALFORMED,
    /// 401 to 404: the gateway's own configuration or account is at fault.
    MISCONFIGURED,
    /// The prompt was too long for it after all.
    TOO_LONG,
    /// All its places are taken, its rate is used up, or it said so and asked for a pause.
    SATURATED,
    /// Its circuit breaker is open, or it failed and asked to be left alone for a while.
    RESTING,
    /// The answer broke off after it had begun.
    CUT,
    /// The gateway stops.
    STOPPED;

    /// For metrics and headers.
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Kind kind;
  private final transient Optional<Duration> retryAfter;
  private final transient Optional<UpstreamError> said;

  private UpstreamFailure(
      Kind kind, String detail, Optional<Duration> retryAfter, Optional<UpstreamError> said) {
    super(detail, null, false, false);
    this.kind = kind;
    this.retryAfter = retryAfter;
    this.said = said;
  }

  UpstreamFailure(Kind kind, String detail, Optional<Duration> retryAfter) {
    this(kind, detail, retryAfter, Optional.empty());
  }

  UpstreamFailure(Kind kind, String detail) {
    this(kind, detail, Optional.empty(), Optional.empty());
  }

  /// @param what happened, to be followed by what the upstream said
  static UpstreamFailure said(Kind kind, String what, UpstreamError said) {
    return said(kind, what, said, Optional.empty());
  }

  static UpstreamFailure said(
      Kind kind, String what, UpstreamError said, Optional<Duration> retryAfter) {
    return new UpstreamFailure(kind, said.after(what), retryAfter, Optional.of(said));
  }

  /// What the upstream said, where it said anything.
  public Optional<UpstreamError> said() {
    return said;
  }

  public Kind kind() {
    return kind;
  }

  public String detail() {
    return String.valueOf(getMessage());
  }

  /// When the upstream wants to be asked again.
  public Optional<Duration> retryAfter() {
    return retryAfter;
  }
}
