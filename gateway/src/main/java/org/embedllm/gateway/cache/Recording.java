package org.embedllm.gateway.cache;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.embedllm.gateway.openai.AnswerFormat;
import org.embedllm.gateway.openai.ApiError;
import org.embedllm.gateway.openai.SseEvent;

/// Writes down an answer on its way to the client. Used by one thread.
public final class Recording implements AnswerFormat {
  private final AnswerFormat next;
  private final boolean unchanged;
  private final List<CachedAnswer.Event> events = new ArrayList<>();
  private Optional<byte[]> whole = Optional.empty();
  private boolean complete;

  /// @param unchanged whether the answer is in the client's own API
  public Recording(AnswerFormat next, boolean unchanged) {
    this.next = next;
    this.unchanged = unchanged;
  }

  @Override
  public byte[] whole(byte[] chat) {
    whole = Optional.of(chat);
    complete = true;
    return next.whole(chat);
  }

  @Override
  public List<SseEvent> event(SseEvent chat, boolean usageOnly) {
    events.add(new CachedAnswer.Event(chat, usageOnly));
    return next.event(chat, usageOnly);
  }

  @Override
  public List<SseEvent> end() {
    complete = true;
    return next.end();
  }

  @Override
  public List<SseEvent> error(ApiError error) {
    return next.error(error);
  }

  /// The answer; empty where it did not come to its end.
  public Optional<CachedAnswer> answer(CachedAnswer.Source source) {
    if (!complete) {
      return Optional.empty();
    }
    return Optional.of(
        whole
            .map(bytes -> CachedAnswer.of(source, unchanged, bytes))
            .orElseGet(() -> CachedAnswer.of(source, unchanged, events)));
  }
}
