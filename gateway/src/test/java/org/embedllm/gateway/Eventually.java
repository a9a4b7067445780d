package org.embedllm.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

/// Waiting for what another thread or process does in its own time, on a machine however busy.
public final class Eventually {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final int PAUSE_MILLIS = 10;

  private Eventually() {}

  /// What shall come to hold.
  @FunctionalInterface
  public interface Condition {
    boolean holds() throws Exception;
  }

  /// Looks again and again until it holds; fails where it does not for a minute.
  public static void holds(Condition condition) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.holds()) {
      assertThat(System.nanoTime() - end).as("still waiting after " + PATIENCE).isNegative();
      Thread.sleep(PAUSE_MILLIS);
    }
  }
}
