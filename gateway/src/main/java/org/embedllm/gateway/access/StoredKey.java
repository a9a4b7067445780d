package org.embedllm.gateway.access;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.embedllm.gateway.config.KeyConfig;

/// A key in the store.
///
/// @param rights its present hash, its end, and what it may do
/// @param created when it was made
/// @param revoked when it was taken away
/// @param previous the hash before its last rotation
public record StoredKey(
    KeyConfig rights, Instant created, Optional<Instant> revoked, Optional<Previous> previous) {

  /// @param until how long the earlier key still opens the gateway
  public record Previous(String sha256, Instant until) {}

  /// What opens the gateway, or did once: keys are still needed where all have ended.
  public List<KeyConfig> keys() {
    var keys = new ArrayList<KeyConfig>();
    keys.add(rights.with(rights.sha256(), earlier(rights.validUntil(), revoked)));
    previous.ifPresent(
        p -> keys.add(rights.with(p.sha256(), earlier(Optional.of(p.until()), revoked))));
    return keys;
  }

  private static Optional<Instant> earlier(Optional<Instant> a, Optional<Instant> b) {
    return a.isPresent() && b.isPresent()
        ? Optional.of(a.get().isBefore(b.get()) ? a.get() : b.get())
        : a.or(() -> b);
  }

  /// `active`, `expired` or `revoked`.
  public String state(Instant now) {
    return revoked.isPresent() ? "revoked" : rights.isValid(now) ? "active" : "expired";
  }
}
