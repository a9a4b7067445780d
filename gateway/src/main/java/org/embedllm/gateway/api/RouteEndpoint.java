package org.embedllm.gateway.api;

import java.time.Clock;
import java.util.Locale;
import org.embedllm.forecast.ForecastQuantity;
import org.embedllm.gateway.access.Client;
import org.embedllm.gateway.decide.Decision;
import org.embedllm.gateway.decide.PromptForecaster.Neighbor;
import org.embedllm.gateway.observe.CompletedRequest;
import org.embedllm.gateway.openai.ApiException;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.gateway.openai.RequestBody;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `POST /v1/route`: the decision alone, with all that speaks for it.
final class RouteEndpoint {
  private static final int NEAREST = 3;
  private static final int SHOWN_CHARACTERS = 300;

  private final CompletedRequest.Listener listener;
  private final Clock clock;

  /// @param listener keeps decisions, so that feedback can be given on them
  RouteEndpoint(CompletedRequest.Listener listener, Clock clock) {
    this.listener = listener;
    this.clock = clock;
  }

  ObjectNode answer(GatewayRequest request) {
    GatewaySnapshot live = request.snapshot();
    Client client = request.client();
    RequestBody body = RequestBody.parse(request.body());
    if (!body.hasMessages() && !body.hasPrompt()) {
      throw ApiException.badRequest(
          "missing_required_parameter", "messages", "neither \"messages\" nor \"prompt\" is there");
    }
    live.ledger().admit(client);
    long start = System.nanoTime();
    Decision decision = live.decider().decide(body, request.context());
    double seconds = (System.nanoTime() - start) / 1e9;
    listener.completed(CompletedRequest.decisionAlone(clock.instant(), client.name(), decision));
    ObjectNode root = json(decision);
    switch (live.forecaster().quantity()) {
      case CORRECTNESS -> {}
      case PREFERENCE -> root.put("quantity", ForecastQuantity.PREFERENCE.label());
    }
    root.put("seconds", seconds);
    ArrayNode nearest = root.putArray("nearest");
    if (decision.policy().isPresent()) {
      for (Neighbor neighbor : live.forecaster().nearest(decision.text(), NEAREST)) {
        put(nearest.addObject(), neighbor);
      }
    }
    return root;
  }

  private static ObjectNode json(Decision decision) {
    ObjectNode root = ChatJson.mapper().createObjectNode();
    root.put("decision", decision.id());
    root.put("model", decision.model());
    root.put("policy", decision.policy().orElse("named"));
    root.put("reason", decision.reason());
    ArrayNode ranking = root.putArray("ranking");
    for (Decision.Ranked ranked : decision.ranking()) {
      ObjectNode entry = ranking.addObject();
      entry.put("model", ranked.model());
      number(entry, "probability", ranked.probability());
      number(entry, "low", ranked.low());
      number(entry, "high", ranked.high());
      number(entry, "cost", ranked.cost());
      entry.put("reason", ranked.reason().isEmpty() ? reason(ranked) : ranked.reason());
    }
    ArrayNode excluded = root.putArray("excluded");
    for (Decision.Excluded e : decision.excluded()) {
      excluded.addObject().put("model", e.model()).put("reason", e.reason());
    }
    return root;
  }

  private static String reason(Decision.Ranked ranked) {
    if (Double.isNaN(ranked.probability())) {
      return "named by the request";
    }
    return Double.isNaN(ranked.cost())
        ? String.format(Locale.ROOT, "%.1f %%, price unknown", 100 * ranked.probability())
        : String.format(
            Locale.ROOT, "%.1f %% at about $%.6f", 100 * ranked.probability(), ranked.cost());
  }

  private static void put(ObjectNode entry, Neighbor neighbor) {
    String text = neighbor.text();
    entry.put("id", neighbor.id());
    entry.put("benchmark", neighbor.benchmark());
    entry.put(
        "prompt",
        text.length() > SHOWN_CHARACTERS ? text.substring(0, SHOWN_CHARACTERS) + "…" : text);
    number(entry, "distance", neighbor.distance());
    number(entry, "solvedBy", neighbor.solvedBy());
  }

  /// JSON has no NaN: what is unknown is null.
  static void number(ObjectNode entry, String name, double value) {
    if (Double.isFinite(value)) {
      entry.put(name, value);
    } else {
      entry.putNull(name);
    }
  }
}
