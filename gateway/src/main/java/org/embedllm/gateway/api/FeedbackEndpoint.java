package org.embedllm.gateway.api;

import java.util.List;
import java.util.Optional;
import org.embedllm.gateway.access.Client;
import org.embedllm.gateway.cache.LatestEntries;
import org.embedllm.gateway.decide.DecisionException;
import org.embedllm.gateway.observe.DecisionRecord;
import org.embedllm.gateway.observe.LiveFeed;
import org.embedllm.gateway.observe.Metrics;
import org.embedllm.gateway.openai.ApiException;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.gateway.store.DecisionStore;
import org.embedllm.gateway.store.DecisionStore.StoreUnavailable;
import org.embedllm.gateway.store.DecisionStore.StoredFeedback;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `POST /v1/feedback`: how good the answer to a decision was, or which of two answers was better.
final class FeedbackEndpoint {
  private final DecisionStore store;
  private final Metrics metrics;
  private final LiveFeed feed;
  private final LatestEntries<String, RoutedText> texts;

  /// @param texts text routed on by decision, of the latest decisions; each teaches once
  FeedbackEndpoint(
      DecisionStore store,
      Metrics metrics,
      LiveFeed feed,
      LatestEntries<String, RoutedText> texts) {
    this.store = store;
    this.metrics = metrics;
    this.feed = feed;
    this.texts = texts;
  }

  ObjectNode answer(GatewayRequest from) {
    GatewaySnapshot live = from.snapshot();
    Client client = from.client();
    live.ledger().admit(client);
    JsonNode request = ChatJson.read(from.body());
    if (request.has("better") || request.has("worse")) {
      return vote(live, client, request);
    }
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
    StoredFeedback stored = keep(decision.asString(), score.asDouble(), client);
    if (!stored.again()) {
      metrics.feedback(stored.model(), stored.probability(), stored.score());
    }
    live.rolloutState().scored(stored.decision(), stored.score(), live.config().rollout().guards());
    feed.scored(stored.decision(), stored.probability(), stored.score());
    ObjectNode root = ChatJson.mapper().createObjectNode();
    root.put("decision", stored.decision());
    root.put("model", stored.model());
    RouteEndpoint.number(root, "probability", stored.probability());
    root.put("score", stored.score());
    root.put("learned", live.config().learn() && learn(live, stored));
    return root;
  }

  /// A vote: each side is a decision or a model, at least one of them a decision, whose text is the
  /// question. It is stored and moves both vectors.
  private ObjectNode vote(GatewaySnapshot live, Client client, JsonNode request) {
    String better = side(request, "better");
    String worse = side(request, "worse");
    Optional<RoutedText> ofBetter = routed(better, client);
    Optional<RoutedText> ofWorse = routed(worse, client);
    RoutedText asked =
        ofBetter
            .or(() -> ofWorse)
            .orElseThrow(() ->
                ApiException.of(
                    404,
                    "invalid_request_error",
                    "decision_not_found",
                    "neither \"better\" nor \"worse\" is a recent decision: one of them must be"));
    String winner = ofBetter.map(RoutedText::model).orElse(better);
    String loser = ofWorse.map(RoutedText::model).orElse(worse);
    for (String model : List.of(winner, loser)) {
      if (!live.forecaster().models().contains(model)) {
        throw ApiException.of(
            404,
            "invalid_request_error",
            "model_not_found",
            "\"" + model + "\" is no recent decision and no model of the pool");
      }
    }
    if (winner.equals(loser)) {
      throw ApiException.badRequest(
          "invalid_value", "worse", "a vote compares two models; both answers are of " + winner);
    }
    String decision = ofBetter.isPresent() ? better : worse;
    keep(decision, winner, loser, client);
    feed.voted(decision, new DecisionRecord.Vote(winner, loser));
    texts.remove(better);
    texts.remove(worse);
    ObjectNode root = ChatJson.mapper().createObjectNode();
    root.put("better", winner);
    root.put("worse", loser);
    root.put("learned", live.config().learn() && compare(live, asked.text(), winner, loser));
    return root;
  }

  private static String side(JsonNode request, String name) {
    JsonNode side = request.path(name);
    if (!side.isString() || side.asString().isEmpty()) {
      throw ApiException.badRequest(
          "missing_required_parameter",
          name,
          "\"" + name + "\" is a decision or the name of a model");
    }
    return side.asString();
  }

  private Optional<RoutedText> routed(String decision, Client client) {
    return texts
        .find(decision)
        .filter(text -> client.name().isEmpty() || client.name().equals(text.client()));
  }

  private static boolean compare(GatewaySnapshot live, String text, String winner, String loser) {
    try {
      return live.forecaster().compare(text, winner, loser);
    } catch (DecisionException e) {
      return false; // The encoder is busy.
    }
  }

  private boolean learn(GatewaySnapshot live, StoredFeedback stored) {
    Optional<String> text = texts.remove(stored.decision()).map(RoutedText::text);
    try {
      return text.isPresent()
          && live.forecaster().learn(text.get(), stored.model(), stored.score());
    } catch (DecisionException e) {
      // The encoder is busy. The feedback is kept but updates no vector.
      return false;
    }
  }

  private void keep(String decision, String better, String worse, Client client) {
    try {
      store.vote(decision, better, worse, client.name());
    } catch (StoreUnavailable e) {
      throw unavailable("the vote was not kept: try again");
    }
  }

  private static ApiException unavailable(String message) {
    return ApiException.of(503, "server_error", "store_unavailable", message);
  }

  private StoredFeedback keep(String decision, double score, Client client) {
    try {
      Optional<StoredFeedback> stored = store.feedback(decision, score, client.name());
      return stored.orElseThrow(() ->
          ApiException.of(
              404,
              "invalid_request_error",
              "decision_not_found",
              "there is no decision \"" + decision + "\""));
    } catch (StoreUnavailable e) {
      throw unavailable("the feedback was not kept: try again");
    }
  }
}
