package org.embedllm.gateway.config;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/// Somebody who may use the gateway.
///
/// @param name for logs, metrics and the store
/// @param sha256 hash of the key, lower-case hex; the key itself is stored nowhere
/// @param requestsPerMinute empty for no limit
/// @param tokensPerMinute of prompts and answers together; empty for no limit
/// @param budget empty for no limit
/// @param models models and policies this key may name; empty for all
/// @param admin whether it may administer keys, and see what other keys have spent
/// @param metadata for logs and spending, such as a team
/// @param validUntil when it ends, or ended; empty for never
public record KeyConfig(
    String name,
    String sha256,
    OptionalDouble requestsPerMinute,
    OptionalDouble tokensPerMinute,
    Optional<Budget> budget,
    Set<String> models,
    boolean admin,
    Map<String, String> metadata,
    Optional<Instant> validUntil) {
  public KeyConfig {
    models = Set.copyOf(models);
    metadata = Map.copyOf(metadata);
  }

  /// @param usd most that may be spent
  /// @param per within this time, aligned to the calendar in UTC for a day, else to multiples of it
  public record Budget(double usd, Duration per) {}

  public boolean isValid(Instant now) {
    return validUntil.isEmpty() || now.isBefore(validUntil.get());
  }

  /// The same rights with another hash and end.
  public KeyConfig with(String hash, Optional<Instant> until) {
    return new KeyConfig(
        name, hash, requestsPerMinute, tokensPerMinute, budget, models, admin, metadata, until);
  }

  /// The same, with groups of models replaced by their members.
  public KeyConfig withModels(Set<String> members) {
    return new KeyConfig(
        name,
        sha256,
        requestsPerMinute,
        tokensPerMinute,
        budget,
        members,
        admin,
        metadata,
        validUntil);
  }
}
