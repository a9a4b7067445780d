package org.embedllm.gateway.cache;

import java.time.Instant;
import java.util.List;
import org.embedllm.gateway.openai.SseEvent;

/// A complete answer, in chat completions or in the API of the client that asked.
public final class CachedAnswer {
  private final String model;
  private final String decision;
  private final Instant at;
  private final double cost;
  private final boolean unchanged;
  private final byte[] whole;
  private final List<Event> events;

  /// One event of a streamed answer.
  ///
  /// @param usageOnly whether it says nothing but the usage
  public record Event(SseEvent event, boolean usageOnly) {}

  private CachedAnswer(Source source, boolean unchanged, byte[] whole, List<Event> events) {
    this.model = source.model();
    this.decision = source.decision();
    this.at = source.at();
    this.cost = source.cost();
    this.unchanged = unchanged;
    this.whole = whole;
    this.events = List.copyOf(events);
  }

  /// Where an answer is from.
  ///
  /// @param model that answered
  /// @param decision its id
  /// @param at when
  /// @param cost USD; NaN where unknown
  public record Source(String model, String decision, Instant at, double cost) {}

  /// @param unchanged whether it is in the client's API
  /// @param whole not to be changed
  public static CachedAnswer of(Source source, boolean unchanged, byte[] whole) {
    return new CachedAnswer(source, unchanged, whole, List.of());
  }

  /// @param unchanged whether it is in the client's API
  public static CachedAnswer of(Source source, boolean unchanged, List<Event> events) {
    return new CachedAnswer(source, unchanged, new byte[0], events);
  }

  public String model() {
    return model;
  }

  public String decision() {
    return decision;
  }

  public Instant at() {
    return at;
  }

  /// USD; NaN where unknown.
  public double cost() {
    return cost;
  }

  /// Whether it is in the API of the client that asked; otherwise a chat completion.
  public boolean unchanged() {
    return unchanged;
  }

  /// The answer's bytes, not to be changed; none where it is streamed.
  public byte[] whole() {
    return whole;
  }

  public List<Event> events() {
    return events;
  }

  /// About how much memory it takes.
  int weight() {
    long bytes = 256L + whole.length;
    for (Event event : events) {
      bytes += 64L + event.event().data().length;
    }
    return (int) Math.min(Integer.MAX_VALUE, bytes);
  }
}
