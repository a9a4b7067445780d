package org.embedllm.gateway.upstream;

import java.util.Optional;
import org.embedllm.gateway.openai.Usage;

/// What an upstream answered.
public sealed interface Answer {
  /// The whole answer.
  final class Whole implements Answer {
    private final byte[] body;
    private final Optional<Usage> usage;

    Whole(byte[] body, Optional<Usage> usage) {
      this.body = body;
      this.usage = usage;
    }

    /// The bytes as they came; not to be changed.
    public byte[] body() {
      return body;
    }

    public Optional<Usage> usage() {
      return usage;
    }
  }

  /// A refusal that is the client's fault, to be passed on.
  final class Refused implements Answer {
    private final int status;
    private final byte[] body;

    Refused(int status, byte[] body) {
      this.status = status;
      this.body = body;
    }

    public int status() {
      return status;
    }

    public byte[] body() {
      return body;
    }
  }

  /// An answer that comes event by event; see [EventStream].
  record Events(EventStream stream) implements Answer {}
}
