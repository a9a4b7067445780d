package org.embedllm.gateway.config;

import java.util.Map;
import java.util.Optional;

/// Keys of the configuration that were renamed in version 0.2. The old ones are still read, with a
/// warning.
final class DeprecatedNames {
  /// Old last names by the full new one.
  private static final Map<String, String> OLD =
      Map.ofEntries(
          Map.entry("upstreams.circuit.slidingWindowSize", "calls"),
          Map.entry("upstreams.circuit.minimumCalls", "least"),
          Map.entry("upstreams.circuit.failureRate", "failures"),
          Map.entry("upstreams.circuit.openDuration", "rest"),
          Map.entry("upstreams.circuit.halfOpenCalls", "trials"),
          Map.entry("upstreams.health.interval", "every"),
          Map.entry("upstreams.timeouts.response", "answer"),
          Map.entry("conversations.ttl", "remember"),
          Map.entry("conversations.maxSessions", "sessions"),
          Map.entry("limits.maxRequestBytes", "requestBytes"),
          Map.entry("limits.maxHeaderBytes", "headerBytes"),
          Map.entry("limits.maxConcurrentRequests", "concurrent"),
          Map.entry("limits.maxConnections", "connections"),
          Map.entry("limits.requestTimeout", "requestTime"),
          Map.entry("limits.writeTimeout", "writeTime"),
          Map.entry("limits.idleTimeout", "idle"),
          Map.entry("limits.maxAttempts", "attempts"),
          Map.entry("limits.promptCacheSize", "promptCache"),
          Map.entry("limits.gracePeriod", "shutdown"));

  private DeprecatedNames() {}

  /// The old name of a key.
  ///
  /// @param key full name, with list positions such as `upstreams[0].circuit.minimumCalls`
  static Optional<String> of(String key) {
    return Optional.ofNullable(OLD.get(key.replaceAll("\\[\\d+]", "")));
  }
}
