package org.embedllm.gateway.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.TreeSet;
import org.embedllm.gateway.access.Client;
import org.embedllm.gateway.config.CacheConfig;
import org.embedllm.gateway.openai.Capability;
import org.embedllm.gateway.openai.RequestBody;
import org.embedllm.storage.Sha256;

/// Answers to requests whose bytes have come before, from the same key. Bounded; safe for several
/// threads.
public final class ResponseCache {
  /// An answer may take this part of the whole at most.
  private static final int LARGEST_PART = 8;

  private final CacheConfig config;
  private final Cache<String, CachedAnswer> answers;

  /// @param ticker the time
  public ResponseCache(CacheConfig config, Ticker ticker) {
    this.config = config;
    this.answers =
        Caffeine.newBuilder()
            .maximumWeight(config.maxBytes())
            .weigher((String key, CachedAnswer answer) -> answer.weight())
            .expireAfterWrite(config.ttl())
            .ticker(ticker)
            .executor(Runnable::run)
            .build();
  }

  /// What identifies a request here: whose it is, what that key may use, and its bytes.
  ///
  /// @param path of the endpoint, and what else of the request reaches upstreams
  /// @param body what is asked, in chat completions
  /// @param bytes what the client sent, in whatever API
  /// @return empty for a request that is always asked
  public Optional<String> key(Client client, String path, RequestBody body, byte[] bytes) {
    boolean tools = body.needs().contains(Capability.TOOLS) && !config.tools();
    if (tools || body.temperature().orElse(1) > config.maxTemperature()) {
      return Optional.empty();
    }
    MessageDigest digest = Sha256.newDigest();
    String rights = client.key().map(k -> k.name() + "\0" + new TreeSet<>(k.models())).orElse("");
    digest.update((rights + "\0" + path + "\0").getBytes(StandardCharsets.UTF_8));
    digest.update(bytes);
    return Optional.of(HexFormat.of().formatHex(digest.digest()));
  }

  public Optional<CachedAnswer> find(String key) {
    return Optional.ofNullable(answers.getIfPresent(key));
  }

  public void keep(String key, CachedAnswer answer) {
    if (answer.weight() <= config.maxBytes() / LARGEST_PART) {
      answers.put(key, answer);
    }
  }

  /// Answers kept just now.
  public long size() {
    return answers.estimatedSize();
  }
}
