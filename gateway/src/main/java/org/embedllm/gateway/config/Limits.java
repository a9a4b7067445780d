package org.embedllm.gateway.config;

import java.time.Duration;

/// Limits of one client, and of all together.
///
/// @param maxRequestBytes largest request body
/// @param maxHeaderBytes largest request head
/// @param maxConcurrentRequests most requests at a time; more are answered with 429
/// @param maxConnections most open connections
/// @param requestTimeout a whole request must have arrived within this
/// @param writeTimeout a client must take a piece of its answer within this
/// @param idleTimeout an unused connection is closed after this
/// @param deadline until an answer has come, or a stream begun, over all candidates tried
/// @param maxAttempts most candidates tried for one request
/// @param encodeQueue most prompts that wait to be encoded
/// @param promptCacheSize most forecasts kept for prompts seen before
/// @param gracePeriod how long a stop waits for requests under way
/// @param keepAlive silence of a stream after which a comment is sent; zero for never
/// @param drain how long a stop goes on taking requests while `/readyz` says so already
/// @param maxTotalRequestBytes bodies of all requests under way; default: an eighth of the memory
public record Limits(
    long maxRequestBytes,
    int maxHeaderBytes,
    int maxConcurrentRequests,
    int maxConnections,
    Duration requestTimeout,
    Duration writeTimeout,
    Duration idleTimeout,
    Duration deadline,
    int maxAttempts,
    int encodeQueue,
    int promptCacheSize,
    Duration gracePeriod,
    Duration keepAlive,
    Duration drain,
    long maxTotalRequestBytes) {
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
          Duration.ofSeconds(30),
          Duration.ofSeconds(15),
          Duration.ofSeconds(2),
          Runtime.getRuntime().maxMemory() / 8);
}
