package org.embedllm.gateway.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.gateway.config.KeyConfig;
import org.embedllm.gateway.openai.ApiException;
import org.embedllm.storage.Sha256;

/// The keys that open the gateway. Keys are known by their hash alone.
public final class KeyRing {
  private final List<KeyConfig> keys;
  private final byte[][] hashes;
  private final Map<String, KeyRate> rates = new HashMap<>();

  /// @param limit requests a minute
  private record KeyRate(double limit, RateLimit rate) {}

  /// @param before the keys until now; a rate that has not changed goes on as it was
  public KeyRing(List<KeyConfig> keys, Optional<KeyRing> before) {
    this.keys = List.copyOf(keys);
    this.hashes = new byte[keys.size()][];
    for (int i = 0; i < hashes.length; i++) {
      KeyConfig key = keys.get(i);
      hashes[i] = HexFormat.of().parseHex(key.sha256());
      key.requestsPerMinute()
          .ifPresent(perMinute -> rates.put(key.name(), rate(key.name(), perMinute, before)));
    }
  }

  private static KeyRate rate(String name, double perMinute, Optional<KeyRing> before) {
    return before
        .flatMap(ring -> Optional.ofNullable(ring.rates.get(name)))
        .filter(rate -> rate.limit() == perMinute)
        .orElseGet(() -> new KeyRate(perMinute, new RateLimit(perMinute)));
  }

  /// @param authorization value of the header, if there is one
  /// @throws ApiException 401 where keys are needed and this is none of them
  public Caller authenticate(Optional<String> authorization) {
    if (keys.isEmpty()) {
      return new Caller(Optional.empty());
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
    if (found < 0 || token.isEmpty()) {
      throw ApiException.of(
          401,
          "invalid_request_error",
          "invalid_api_key",
          token.isEmpty()
              ? "this gateway needs a key: send it as \"Authorization: Bearer KEY\""
              : "this key is not known here");
    }
    return new Caller(Optional.of(keys.get(found)));
  }

  /// The caller with a key of this name.
  ///
  /// @param name of a key that was authenticated; empty where no keys are needed
  /// @throws ApiException 401 where the key has been taken away since
  public Caller named(Optional<String> name) {
    if (name.isEmpty()) {
      return new Caller(Optional.empty());
    }
    return keys.stream()
        .filter(k -> k.name().equals(name.get()))
        .findFirst()
        .map(k -> new Caller(Optional.of(k)))
        .orElseThrow(() ->
            ApiException.of(
                401, "invalid_request_error", "invalid_api_key", "this key is not known here"));
  }

  /// Counts one request against the caller's rate.
  ///
  /// @throws ApiException 429 where it is used up
  public void admit(Caller caller) {
    caller
        .name()
        .map(rates::get)
        .map(KeyRate::rate)
        .filter(rate -> !rate.tryTake(1))
        .ifPresent(rate -> {
          throw ApiException.tooMany(
              "rate_limit_exceeded", "this key's rate is used up", rate.timeUntil(1));
        });
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
