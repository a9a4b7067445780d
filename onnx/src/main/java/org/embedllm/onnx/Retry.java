package org.embedllm.onnx;

import java.time.Duration;

/// How often to retry a busy server, and how long to wait.
///
/// @param attempts requests at most, the first included
/// @param firstPause before the second request; doubled each time, unless the server asks for more
/// @param longestPause no pause is longer
/// @param pause waits; tests do not
record Retry(int attempts, Duration firstPause, Duration longestPause, Pause pause) {
  static final Retry DEFAULT =
      new Retry(7, Duration.ofMillis(500), Duration.ofSeconds(30), Thread::sleep);

  interface Pause {
    void of(Duration duration) throws InterruptedException;
  }

  /// Waits before another request.
  ///
  /// @param failures requests that have failed so far, at least 1
  /// @param asked the pause that the server asked for
  void await(int failures, Duration asked) throws InterruptedException {
    Duration grown = firstPause.multipliedBy(1L << Math.min(failures - 1, 20));
    Duration chosen = asked.compareTo(grown) > 0 ? asked : grown;
    pause.of(chosen.compareTo(longestPause) > 0 ? longestPause : chosen);
  }
}
