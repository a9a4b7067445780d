package org.embedllm.gateway.responses;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.embedllm.gateway.cache.LatestEntries;
import tools.jackson.databind.JsonNode;

/// Items and conversations that later requests may refer to, in memory, bounded, for a day. Safe
/// for several threads.
final class ResponseItems {
  private static final long MOST_CHARACTERS = 32L << 20;
  private static final Duration TTL = Duration.ofDays(1);

  private record Key(String scope, String id) {}

  private final LatestEntries<Key, List<JsonNode>> kept =
      new LatestEntries<>(MOST_CHARACTERS, ResponseItems::weight, TTL, Ticker.systemTicker());

  private static long weight(List<JsonNode> items) {
    long sum = 64;
    for (JsonNode item : items) {
      sum += item.toString().length();
    }
    return sum;
  }

  /// An item by its id.
  void keep(String scope, String id, JsonNode item) {
    kept.put(new Key(scope, id), List.of(item));
  }

  /// All items of a conversation, by the id of its last response.
  void keepConversation(String scope, String response, List<JsonNode> items) {
    kept.put(new Key(scope, response), List.copyOf(items));
  }

  Optional<List<JsonNode>> find(String scope, String id) {
    return kept.find(new Key(scope, id));
  }
}
