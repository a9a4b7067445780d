package org.embedllm.gateway.observe;

/// An upstream that was tried in vain.
///
/// @param upstream its label, `model@host`
/// @param kind what went wrong, in a word
/// @param detail the upstream's message, or the event; one line
public record FailedAttempt(String upstream, String kind, String detail) {
  /// The kind of an attempt whose refusal went on to the client: it is the client's fault.
  public static final String REFUSED = "refused";

  /// Whether the upstream itself failed.
  public boolean isUpstreamsFault() {
    return !kind.equals(REFUSED);
  }

  /// `model@host:kind`.
  public String label() {
    return upstream + ":" + kind;
  }

  /// Reads a [#label], of which the detail is not known.
  public static FailedAttempt ofLabel(String label) {
    int colon = label.lastIndexOf(':');
    return colon < 0
        ? new FailedAttempt(label, "", "")
        : new FailedAttempt(label.substring(0, colon), label.substring(colon + 1), "");
  }
}
