package org.embedllm.gateway.config;

import java.util.Set;

/// Web pages of other origins that may use the gateway.
///
/// @param origins such as `https://app.example`; `*` for every origin
public record CorsConfig(Set<String> origins) {
  public static final CorsConfig NONE = new CorsConfig(Set.of());

  public CorsConfig {
    origins = Set.copyOf(origins);
  }

  public boolean allows(String origin) {
    return origins.contains("*") || origins.contains(origin);
  }
}
