package org.embedllm.gateway.upstream;

import java.util.Optional;
import org.embedllm.gateway.openai.Usage;

/// What an upstream answered.
public sealed interface Answer {
  /// The whole answer.
  final class Whole implements Answer {
    private final byte[] body;
    private final byte[] chat;
    private final Optional<Usage> usage;
    private final boolean unchanged;

    Whole(byte[] body, byte[] chat, Optional<Usage> usage, boolean unchanged) {
      this.body = body;
      this.chat = chat;
      this.usage = usage;
      this.unchanged = unchanged;
    }

    /// Whether it is in the client's own API; otherwise a chat completion.
    public boolean unchanged() {
      return unchanged;
    }

    /// The bytes as they came, or else the chat completion; not to be changed.
    public byte[] body() {
      return body;
    }

    /// The chat completion that says the same; not to be changed.
    public byte[] chat() {
      return chat;
    }

    public Optional<Usage> usage() {
      return usage;
    }
  }

  /// A refusal that is the client's fault, to be passed on.
  final class Refused implements Answer {
    private final int status;
    private final byte[] body;
    private final UpstreamError said;

    Refused(int status, byte[] body, UpstreamError said) {
      this.status = status;
      this.body = body;
      this.said = said;
    }

    /// Status, words and code in a line, without secrets.
    public String detail() {
      return said.after("it answered " + status);
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
