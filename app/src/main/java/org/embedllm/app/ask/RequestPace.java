package org.embedllm.app.ask;

import java.time.Duration;
import java.util.OptionalDouble;

/// When the next request to a server may start: a rate a minute, and pauses that the server asks
/// for. Safe for use by several threads.
final class RequestPace {
  /// Waits; tests do not.
  @FunctionalInterface
  interface Pause {
    void of(Duration duration) throws InterruptedException;
  }

  private final long gapNanos;
  private final Pause pause;
  private long next = System.nanoTime();

  RequestPace(OptionalDouble requestsPerMinute, Pause pause) {
    this.gapNanos =
        requestsPerMinute.isPresent() ? (long) (60e9 / requestsPerMinute.getAsDouble()) : 0;
    this.pause = pause;
  }

  /// Waits for its turn.
  void await() throws InterruptedException {
    long wait;
    synchronized (this) {
      long now = System.nanoTime();
      next = next - now < 0 ? now : next;
      wait = next - now;
      next += gapNanos;
    }
    if (wait > 0) {
      pause.of(Duration.ofNanos(wait));
    }
  }

  /// Nobody asks for a while.
  synchronized void rest(Duration time) {
    long until = System.nanoTime() + time.toNanos();
    next = until - next > 0 ? until : next;
  }
}
