package org.embedllm.gateway.openai;

import java.util.Optional;

/// A server-sent event, or a comment between events.
public final class SseEvent {
  private static final byte[] NONE = new byte[0];

  private final Optional<String> name;
  private final byte[] data;
  private final boolean comment;

  private SseEvent(Optional<String> name, byte[] data, boolean comment) {
    this.name = name;
    this.data = data;
    this.comment = comment;
  }

  /// @param data its lines, joined by line feeds; not to be changed
  public static SseEvent of(Optional<String> name, byte[] data) {
    return new SseEvent(name, data, false);
  }

  /// An event without a name.
  public static SseEvent of(byte[] data) {
    return of(Optional.empty(), data);
  }

  /// A comment: a sign of life.
  public static SseEvent comment() {
    return new SseEvent(Optional.empty(), NONE, true);
  }

  /// The value of its `event` field.
  public Optional<String> name() {
    return name;
  }

  public byte[] data() {
    return data;
  }

  public boolean isComment() {
    return comment;
  }
}
