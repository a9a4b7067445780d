package org.embedllm.gateway.api;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.embedllm.gateway.access.KeyRights;
import org.embedllm.gateway.access.KeyRing;
import org.embedllm.gateway.access.StoredKey;
import org.embedllm.gateway.config.KeyConfig;
import org.embedllm.gateway.config.Units;
import org.embedllm.gateway.openai.ApiException;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.gateway.store.DecisionStore.StoreUnavailable;
import org.embedllm.gateway.store.KeyTable;
import org.embedllm.storage.BadInputException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `/v1/keys`: create, list, expire, revoke and rotate keys, for those with an admin key.
final class KeysEndpoint {
  private static final String PATH = "/v1/keys/";

  private final KeyTable keys;
  private final Runnable changed;
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();

  /// @param changed is told after each change
  KeysEndpoint(KeyTable keys, Runnable changed, Clock clock) {
    this.keys = keys;
    this.changed = changed;
    this.clock = clock;
  }

  private interface Work {
    ObjectNode json() throws StoreUnavailable;
  }

  private static ObjectNode asAdmin(GatewayRequest request, Work work) {
    if (!request.client().key().map(KeyConfig::admin).orElse(false)) {
      throw ApiException.of(
          403,
          "invalid_request_error",
          "admin_key_required",
          "keys are administered with an admin key; the command \"embedllm key create\" makes the"
              + " first one");
    }
    try {
      return work.json();
    } catch (BadInputException e) {
      throw ApiException.of(400, "invalid_request_error", "invalid_key", e.getMessage());
    } catch (StoreUnavailable e) {
      throw ApiException.of(
          503, "server_error", "store_unavailable", "the database does not answer; try again soon");
    }
  }

  /// Keys of the store, and those of the configuration, which are changed there.
  ObjectNode list(GatewayRequest request) {
    return asAdmin(
        request,
        () -> {
          ObjectNode root = ChatJson.mapper().createObjectNode().put("object", "list");
          ArrayNode data = root.putArray("data");
          Instant now = clock.instant();
          for (StoredKey key : keys.all()) {
            data.add(KeyRights.write(key, now).put("source", "store"));
          }
          for (KeyConfig key : request.snapshot().file().keys()) {
            data.add(
                KeyRights.write(key)
                    .put("state", key.isValid(now) ? "active" : "expired")
                    .put("source", "configuration"));
          }
          return root;
        });
  }

  ObjectNode create(GatewayRequest request) {
    return asAdmin(
        request,
        () -> {
          String secret = KeyRing.freshKey(random);
          KeyConfig key =
              KeyRights.read(
                  ChatJson.read(request.body()), KeyRing.hash(secret), request.snapshot().file());
          requireNotOfFile(request, key.name());
          keys.create(key, clock.instant());
          changed.run();
          return KeyRights.write(key).put("key", secret);
        });
  }

  private static void requireNotOfFile(GatewayRequest request, String name) {
    if (request.snapshot().file().keys().stream().anyMatch(k -> k.name().equals(name))) {
      throw BadInputException.of(
          "the key \"%s\" is in the configuration file, and is changed there".formatted(name));
    }
  }

  /// `POST /v1/keys/NAME/expire`, `/revoke` or `/rotate`.
  ObjectNode change(GatewayRequest request) {
    return asAdmin(
        request,
        () -> {
          String[] parts = request.path().substring(PATH.length()).split("/", -1);
          String name = parts[0];
          JsonNode body =
              request.body().length == 0
                  ? ChatJson.mapper().createObjectNode()
                  : ChatJson.read(request.body());
          requireNotOfFile(request, name);
          ObjectNode done = ChatJson.mapper().createObjectNode().put("name", name);
          switch (parts.length == 2 ? parts[1] : "") {
            case "expire" -> {
              KeyRights.requireFields(body, "expire", List.of("expires"));
              Instant end =
                  KeyRights.end(KeyRights.text(body, "expires").orElse("0"), clock.instant());
              keys.expire(name, end);
              done.put("expires", end.toString());
            }
            case "revoke" -> {
              KeyRights.requireFields(body, "revoke", List.of());
              keys.revoke(name, clock.instant());
              done.put("state", "revoked");
            }
            case "rotate" -> rotate(name, body, done);
            default ->
                throw BadInputException.of(
                    "a key is changed at /v1/keys/NAME/expire, /revoke or /rotate");
          }
          changed.run();
          return done;
        });
  }

  private void rotate(String name, JsonNode body, ObjectNode done) throws StoreUnavailable {
    KeyRights.requireFields(body, "rotate", List.of("overlap"));
    String overlap = KeyRights.text(body, "overlap").orElse("0");
    Duration time =
        Units.time(overlap)
            .orElseThrow(() ->
                BadInputException.of("overlap is a duration such as 1h; got \"" + overlap + "\""));
    String secret = KeyRing.freshKey(random);
    Instant until = clock.instant().plus(time);
    keys.rotate(name, KeyRing.hash(secret), until);
    done.put("key", secret).put("previousKeyUntil", until.toString());
  }
}
