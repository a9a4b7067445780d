package org.embedllm.gateway.api;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.embedllm.gateway.access.KeyRights;
import org.embedllm.gateway.config.KeyConfig;
import org.embedllm.gateway.openai.ApiException;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.gateway.store.DecisionStore;
import org.embedllm.gateway.store.DecisionStore.StoreUnavailable;
import org.embedllm.gateway.store.Spending;
import org.embedllm.storage.BadInputException;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `GET /v1/spend?since=30d`: requests, tokens and dollars by key and model. A key without `admin`
/// sees its own.
final class SpendEndpoint {
  private static final Duration DEFAULT = Duration.ofDays(30);

  private final DecisionStore store;
  private final Clock clock;

  SpendEndpoint(DecisionStore store, Clock clock) {
    this.store = store;
    this.clock = clock;
  }

  ObjectNode answer(GatewayRequest request) {
    Instant since = since(request.query("since"));
    Optional<KeyConfig> key = request.client().key();
    Optional<String> own = key.filter(k -> !k.admin()).map(KeyConfig::name);
    List<Spending> rows;
    try {
      rows = store.spending(since, own);
    } catch (StoreUnavailable e) {
      throw ApiException.of(
          503, "server_error", "store_unavailable", "the database does not answer; try again soon");
    }
    ObjectNode root = ChatJson.mapper().createObjectNode().put("object", "list");
    root.put("since", since.toString());
    ArrayNode data = root.putArray("data");
    double usd = 0;
    for (Spending row : rows) {
      usd += row.usd();
      put(data.addObject(), row, request.snapshot());
    }
    return root.put("usd", usd);
  }

  private static void put(ObjectNode entry, Spending row, GatewaySnapshot live) {
    row.client().ifPresent(client -> entry.put("key", client));
    Map<String, String> metadata =
        row.client()
            .flatMap(client -> live.keys().find(client))
            .map(KeyConfig::metadata)
            .orElse(Map.of());
    if (!metadata.isEmpty()) {
      ObjectNode fields = entry.putObject("metadata");
      new TreeMap<>(metadata).forEach(fields::put);
    }
    entry.put("model", row.model());
    List<String> groups = live.config().groupsOf(row.model());
    if (!groups.isEmpty()) {
      groups.forEach(entry.putArray("modelGroups")::add);
    }
    entry
        .put("requests", row.requests())
        .put("promptTokens", row.promptTokens())
        .put("answerTokens", row.answerTokens())
        .put("usd", row.usd());
  }

  /// A moment, or how long ago.
  private Instant since(Optional<String> text) {
    Instant now = clock.instant();
    if (text.isEmpty()) {
      return now.minus(DEFAULT);
    }
    try {
      Instant then = KeyRights.end(text.get(), now);
      return then.isAfter(now) ? now.minus(Duration.between(now, then)) : then;
    } catch (BadInputException e) {
      throw ApiException.badRequest(
          "invalid_value",
          "since",
          "since is a time such as 2027-01-31, or a duration such as 30d");
    }
  }
}
