package org.embedllm.gateway.config;

import java.time.Duration;
import java.util.Optional;

/// Where decisions and feedback are kept.
///
/// @param url a JDBC URL of SQLite or PostgreSQL; empty for a file beside MODEL
/// @param user for PostgreSQL
/// @param password for PostgreSQL
/// @param prompts whether the text routed on is kept
/// @param retention older decisions are deleted; zero keeps them for ever
/// @param required whether the gateway is not ready without it
public record StoreConfig(
    Optional<String> url,
    Optional<String> user,
    Optional<Secret> password,
    boolean prompts,
    Duration retention,
    boolean required) {
  public static final StoreConfig DEFAULT =
      new StoreConfig(
          Optional.empty(), Optional.empty(), Optional.empty(), false, Duration.ofDays(90), false);
}
