package org.embedllm.gateway.config;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/// Somebody who may use the gateway.
///
/// @param name for logs, metrics and the store
/// @param sha256 hash of the key, lower-case hex; the key itself is stored nowhere
/// @param requestsPerMinute empty for no limit
/// @param budget empty for no limit
/// @param models models and policies this key may name; empty for all
/// @param admin whether it sees what other keys have spent
public record KeyConfig(
    String name,
    String sha256,
    OptionalDouble requestsPerMinute,
    Optional<Budget> budget,
    Set<String> models,
    boolean admin) {
  public KeyConfig {
    models = Set.copyOf(models);
  }

  /// @param usd most that may be spent
  /// @param per within this time, aligned to the calendar in UTC for a day, else to multiples of it
  public record Budget(double usd, Duration per) {}
}
