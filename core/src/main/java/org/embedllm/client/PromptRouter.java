package org.embedllm.client;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.embedllm.correctness.Attributes;
import org.embedllm.forecast.Forecast;
import org.embedllm.forecast.ForecastQuantity;
import org.embedllm.routing.CallCosts;
import org.embedllm.routing.Route;
import org.embedllm.routing.Router;
import org.embedllm.routing.RoutingPolicy;
import org.embedllm.storage.BadInputException;

/// Chooses the model that should answer a prompt. Safe for use by several threads.
public final class PromptRouter implements AutoCloseable {
  private final EmbedLlm pool;
  private final Router router;
  private final CallCosts costs;

  PromptRouter(EmbedLlm pool, RoutingPolicy policy, CallCosts costs) {
    this.pool = pool;
    this.router = new Router(policy);
    this.costs = costs;
  }

  /// Names of the models it can choose.
  public List<String> models() {
    return pool.models();
  }

  /// What the probabilities of its routes are, as for [EmbedLlm#quantity].
  public ForecastQuantity quantity() {
    return pool.quantity();
  }

  /// Which model should answer, everybody's rank, and why.
  ///
  /// Far from all training questions the ranking goes by each model's results in training,
  /// predicted where a model has none, and [Route#abstained()] is true.
  public Route route(String prompt) {
    return route(prompt, pool.models());
  }

  /// The same among the models that can answer now.
  ///
  /// @param availableModels some of [#models()], at least one
  /// @throws BadInputException when there is none, or the model file does not know one of them
  public Route route(String prompt, Collection<String> availableModels) {
    return route(prompt, availableModels, Attributes.NONE);
  }

  /// The same for a prompt of which more is known than its text.
  ///
  /// @param known by name; names and values that training did not see have no influence
  public Route route(String prompt, Collection<String> availableModels, Attributes known) {
    Set<String> wanted = new HashSet<>(availableModels);
    Set<String> unknown = new HashSet<>(wanted);
    pool.models().forEach(unknown::remove);
    if (!unknown.isEmpty()) {
      throw BadInputException.of(
          "the model file does not know %s; it knows %s".formatted(unknown, pool.models()));
    }
    if (wanted.isEmpty()) {
      throw BadInputException.of("there is no model to choose from");
    }
    EmbedLlm.Encoded encoded = pool.encoded(prompt, known);
    Forecast forecast = encoded.forecast();
    List<Route.Candidate> candidates = new ArrayList<>();
    for (Route.Candidate candidate :
        costs.candidates(forecast, encoded.tokens(), encoded.usage())) {
      if (wanted.contains(candidate.model())) {
        candidates.add(candidate);
      }
    }
    Route route = router.route(candidates);
    return forecast.abstain() ? route.asAbstained() : route;
  }

  /// The opened file behind it: forecasts, learning, the encoder.
  public EmbedLlm pool() {
    return pool;
  }

  /// Closes the encoder of its pool.
  @Override
  public void close() {
    pool.close();
  }
}
