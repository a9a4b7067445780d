package org.embedllm.gateway.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.embedllm.gateway.config.KeyConfig;
import org.embedllm.gateway.openai.ApiException;
import org.embedllm.storage.Sha256;

/// The keys that open the gateway. Keys are known by their hash alone.
public final class KeyRing {
  private final List<KeyConfig> keys;
  private final byte[][] hashes;
  private final Clock clock;

  /// @param keys of the configuration and of the store; one of a rotated key's two hashes each
  public KeyRing(List<KeyConfig> keys, Clock clock) {
    this.keys = List.copyOf(keys);
    this.clock = clock;
    this.hashes = new byte[keys.size()][];
    for (int i = 0; i < hashes.length; i++) {
      hashes[i] = HexFormat.of().parseHex(keys.get(i).sha256());
    }
  }

  /// @param authorization value of the header, if there is one
  /// @throws ApiException 401 where keys are needed and this is none of them
  public Client authenticate(Optional<String> authorization) {
    if (keys.isEmpty()) {
      return new Client(Optional.empty());
    }
    String token =
        authorization
            .filter(a -> a.regionMatches(true, 0, "Bearer ", 0, 7))
            .map(a -> a.substring(7).strip())
            .orElse("");
    byte[] hash = sha256(token);
    int found = -1;
    // Every hash is compared in full, so the time says nothing about the key.
    for (int i = 0; i < hashes.length; i++) {
      if (MessageDigest.isEqual(hash, hashes[i])) {
        found = i;
      }
    }
    if (token.isEmpty()) {
      throw refused("this gateway needs a key: send it as \"Authorization: Bearer KEY\"");
    }
    if (found < 0) {
      throw refused("this key is not known here");
    }
    if (!keys.get(found).isValid(clock.instant())) {
      throw refused("this key has expired or was revoked");
    }
    return new Client(Optional.of(keys.get(found)));
  }

  private static ApiException refused(String why) {
    return ApiException.of(401, "invalid_request_error", "invalid_api_key", why);
  }

  /// The client with a key of this name.
  ///
  /// @param name of a key that was authenticated; empty where no keys are needed
  /// @throws ApiException 401 where the key has been taken away since
  public Client named(Optional<String> name) {
    if (name.isEmpty()) {
      return new Client(Optional.empty());
    }
    Instant now = clock.instant();
    return find(name.get())
        .filter(k -> k.isValid(now))
        .map(k -> new Client(Optional.of(k)))
        .orElseThrow(() -> refused("this key is not known here"));
  }

  /// The first key of a name, valid or not.
  public Optional<KeyConfig> find(String name) {
    return keys.stream().filter(k -> k.name().equals(name)).findFirst();
  }

  /// A new key, 256 random bits.
  public static String freshKey(SecureRandom random) {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return "ek-" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /// The configuration lines of a key.
  public static String hash(String key) {
    return HexFormat.of().formatHex(sha256(key));
  }

  private static byte[] sha256(String text) {
    return Sha256.newDigest().digest(text.getBytes(StandardCharsets.UTF_8));
  }
}
