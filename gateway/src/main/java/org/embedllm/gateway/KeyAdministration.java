package org.embedllm.gateway;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.embedllm.gateway.access.KeyRights;
import org.embedllm.gateway.access.KeyRing;
import org.embedllm.gateway.access.StoredKey;
import org.embedllm.gateway.config.GatewayConfig;
import org.embedllm.gateway.config.KeyConfig;
import org.embedllm.gateway.store.DecisionStore;
import org.embedllm.gateway.store.DecisionStore.StoreUnavailable;
import org.embedllm.storage.BadInputException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Keys in a gateway's store, whether it runs or not. A running gateway knows of a change within
/// five seconds.
public final class KeyAdministration implements AutoCloseable {
  private final DecisionStore store;
  private final GatewayConfig config;
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();

  /// @param model the gateway's model file, beside which its default store is
  /// @throws BadInputException where the store cannot be opened
  public KeyAdministration(Path model, GatewayConfig config, Clock clock) {
    this.config = config;
    this.clock = clock;
    this.store = Service.store(model, config, clock);
  }

  /// @param rights `{"name", "models", "budget", …}` as over HTTP
  /// @return the key, which is shown only once
  /// @throws BadInputException where the rights are wrong, or the name is taken
  public String create(JsonNode rights) {
    String secret = KeyRing.freshKey(random);
    KeyConfig key = KeyRights.read(rights, KeyRing.hash(secret), config);
    if (config.keys().stream().anyMatch(k -> k.name().equals(key.name()))) {
      throw BadInputException.of(
          "the key \"%s\" is in the configuration file, and is changed there"
              .formatted(key.name()));
    }
    requireStore(() -> store.keys().create(key, clock.instant()));
    return secret;
  }

  /// Keys without their hashes: what `GET /v1/keys` has.
  public List<ObjectNode> list() {
    try {
      List<StoredKey> keys = store.keys().all();
      return keys.stream().map(key -> KeyRights.write(key, clock.instant())).toList();
    } catch (StoreUnavailable e) {
      throw away();
    }
  }

  /// @param end a time such as `2027-01-31T00:00:00Z`, or from now such as `30d`
  public Instant expire(String name, String end) {
    Instant then = KeyRights.end(end, clock.instant());
    requireStore(() -> store.keys().expire(name, then));
    return then;
  }

  public void revoke(String name) {
    requireStore(() -> store.keys().revoke(name, clock.instant()));
  }

  /// @param overlap how long the earlier key still works
  /// @return the new key
  public String rotate(String name, Duration overlap) {
    String secret = KeyRing.freshKey(random);
    requireStore(
        () -> store.keys().rotate(name, KeyRing.hash(secret), clock.instant().plus(overlap)));
    return secret;
  }

  private interface Work {
    void run() throws StoreUnavailable;
  }

  private static void requireStore(Work work) {
    try {
      work.run();
    } catch (StoreUnavailable e) {
      throw away();
    }
  }

  private static BadInputException away() {
    return BadInputException.of("the gateway's store does not answer: see store.url");
  }

  @Override
  public void close() {
    store.close();
  }
}
