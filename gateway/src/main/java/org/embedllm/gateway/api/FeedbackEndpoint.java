package org.embedllm.gateway.api;

import com.github.benmanes.caffeine.cache.Cache;
import java.util.Optional;
import org.embedllm.gateway.access.Caller;
import org.embedllm.gateway.decide.DecisionException;
import org.embedllm.gateway.observe.LiveFeed;
import org.embedllm.gateway.observe.Metrics;
import org.embedllm.gateway.openai.ApiException;
import org.embedllm.gateway.openai.Json;
import org.embedllm.gateway.store.DecisionStore;
import org.embedllm.gateway.store.DecisionStore.StoreUnavailable;
import org.embedllm.gateway.store.DecisionStore.StoredFeedback;
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

  ObjectNode answer(GatewayRequest from) {
    GatewaySnapshot live = from.snapshot();
    Caller caller = from.caller();
    live.ledger().admit(caller);
    JsonNode request = Json.read(from.body());
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
    StoredFeedback stored = keep(decision.asString(), score.asDouble(), caller);
    if (!stored.again()) {
      metrics.feedback(stored.model(), stored.probability(), stored.score());
    }
    live.rolloutState().scored(stored.decision(), stored.score(), live.config().rollout().guards());
    feed.scored(stored.decision(), stored.probability(), stored.score());
    ObjectNode root = Json.mapper().createObjectNode();
    root.put("decision", stored.decision());
    root.put("model", stored.model());
    RouteEndpoint.number(root, "probability", stored.probability());
    root.put("score", stored.score());
    root.put("learned", live.config().learn() && learn(live, stored));
    return root;
  }

  private boolean learn(GatewaySnapshot live, StoredFeedback stored) {
    Optional<String> text = Optional.ofNullable(texts.asMap().remove(stored.decision()));
    try {
      return text.isPresent()
          && live.forecaster().learn(text.get(), stored.model(), stored.score());
    } catch (DecisionException e) {
      // The encoder is busy. The feedback is kept but updates no vector.
      return false;
    }
  }

  private StoredFeedback keep(String decision, double score, Caller caller) {
    try {
      Optional<StoredFeedback> stored = store.feedback(decision, score, caller.name());
      return stored.orElseThrow(() ->
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
