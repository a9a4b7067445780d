package org.embedllm.gateway.config;

import java.time.Duration;

/// Which answers are kept for exact repeats of requests.
///
/// @param ttl how long
/// @param maxBytes of all answers together
/// @param maxTemperature requests above it are always asked; a request without one has 1
/// @param tools whether requests with tools are answered from it too
public record CacheConfig(Duration ttl, long maxBytes, double maxTemperature, boolean tools) {
  public static final CacheConfig DEFAULT =
      new CacheConfig(Duration.ofHours(1), 64L << 20, 0.3, false);
}
