package org.embedllm.gateway.access;

import java.util.Optional;
import org.embedllm.gateway.config.KeyConfig;

/// Who sent a request.
///
/// @param key whose key it carries; empty where no keys are configured
public record Client(Optional<KeyConfig> key) {
  public Optional<String> name() {
    return key.map(KeyConfig::name);
  }
}
