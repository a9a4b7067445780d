package org.embedllm.app.gateway.api;

import com.github.benmanes.caffeine.cache.Cache;
import java.util.Optional;
import org.embedllm.app.gateway.access.Caller;
import org.embedllm.app.gateway.observe.LiveFeed;
import org.embedllm.app.gateway.observe.Metrics;
import org.embedllm.app.gateway.openai.ApiException;
import org.embedllm.app.gateway.openai.Json;
import org.embedllm.app.gateway.store.DecisionStore;
import org.embedllm.app.gateway.store.DecisionStore.Noted;
import org.embedllm.app.gateway.store.DecisionStore.StoreUnavailable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `POST /v1/feedback`: how good the answer to a decision was.
final class FeedbackEndpoint {
  private final DecisionStore store;
  private final Metrics metrics;
  private final LiveFeed feed;
  private final Cache<String, String> texts;

  /// @param texts text routed on by decision, of the latest decisions; each teaches once
  FeedbackEndpoint(
      DecisionStore store, Metrics metrics, LiveFeed feed, Cache<String, String> texts) {
    this.store = store;
    this.metrics = metrics;
    this.feed = feed;
    this.texts = texts;
  }

  ObjectNode answer(Live live, Caller caller, byte[] bytes) {
    live.keys().admit(caller);
    JsonNode request = Json.read(bytes);
    JsonNode decision = request.path("decision");
    JsonNode score = request.path("score");
    if (!decision.isString() || decision.asString().isEmpty()) {
      throw ApiException.badRequest(
          "missing_required_parameter",
          "decision",
          "\"decision\" is the value of x-embedllm-decision");
    }
    if (!score.isNumber() || !(score.asDouble() >= 0 && score.asDouble() <= 1)) {
      throw ApiException.badRequest("invalid_value", "score", "\"score\" is a number from 0 to 1");
    }
    Noted noted = keep(decision.asString(), score.asDouble(), caller);
    if (!noted.again()) {
      metrics.feedback(noted.model(), noted.probability(), noted.score());
    }
    feed.scored(noted.decision(), noted.probability(), noted.score());
    ObjectNode root = Json.mapper().createObjectNode();
    root.put("decision", noted.decision());
    root.put("model", noted.model());
    RouteEndpoint.number(root, "probability", noted.probability());
    root.put("score", noted.score());
    root.put("learned", live.config().learn() && learn(live, noted));
    return root;
  }

  private boolean learn(Live live, Noted noted) {
    Optional<String> text = Optional.ofNullable(texts.asMap().remove(noted.decision()));
    try {
      return text.isPresent() && live.brain().learn(text.get(), noted.model(), noted.score());
    } catch (ApiException e) {
      // The encoder is busy. The outcome is kept; it moves no vector.
      return false;
    }
  }

  private Noted keep(String decision, double score, Caller caller) {
    try {
      Optional<Noted> noted = store.feedback(decision, score, caller.name());
      return noted.orElseThrow(() ->
          ApiException.of(
              404,
              "invalid_request_error",
              "decision_not_found",
              "there is no decision \"" + decision + "\""));
    } catch (StoreUnavailable e) {
      throw ApiException.of(
          503, "server_error", "store_unavailable", "the outcome was not kept: try again");
    }
  }
}
