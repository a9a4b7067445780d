package org.embedllm.app.gateway.config;

import java.time.Duration;

/// What one client, and all of them together, may ask of the gateway.
///
/// @param requestBytes largest request body
/// @param headerBytes largest request head
/// @param concurrent most requests at a time; more are answered with 429
/// @param connections most open connections
/// @param requestTime a whole request must have arrived within this
/// @param writeTime a client must take a piece of its answer within this
/// @param idle an unused connection is closed after this
/// @param deadline until an answer has come, or a stream begun, over all candidates tried
/// @param attempts most candidates tried for one request
/// @param encodeQueue most prompts that wait to be encoded
/// @param promptCache most forecasts kept for prompts seen before
/// @param shutdown how long a stop waits for requests under way
public record Limits(
    long requestBytes,
    int headerBytes,
    int concurrent,
    int connections,
    Duration requestTime,
    Duration writeTime,
    Duration idle,
    Duration deadline,
    int attempts,
    int encodeQueue,
    int promptCache,
    Duration shutdown) {
  public static final Limits DEFAULT =
      new Limits(
          20L << 20,
          32 << 10,
          4_096,
          8_192,
          Duration.ofSeconds(30),
          Duration.ofSeconds(30),
          Duration.ofMinutes(2),
          Duration.ofMinutes(5),
          4,
          256,
          5_000,
          Duration.ofSeconds(30));
}
