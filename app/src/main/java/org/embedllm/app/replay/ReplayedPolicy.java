package org.embedllm.app.replay;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.embedllm.forecast.Forecast.ModelForecast;
import org.embedllm.offpolicy.LoggedDecision;
import org.embedllm.routing.Router;
import org.embedllm.routing.RoutingPolicies;
import org.embedllm.routing.RoutingPolicy;
import org.embedllm.storage.BadInputException;

/// A policy whose value is asked for: a routing policy, or always one model.
///
/// @param text as the user wrote it
/// @param policy the routing policy; empty for one model
/// @param without models that it may not choose
record ReplayedPolicy(String text, Optional<RoutingPolicy> policy, Set<String> without)
    implements LoggedDecision.Policy {
  private static final String MODEL = "model:";

  ReplayedPolicy {
    without = Set.copyOf(without);
  }

  /// @param text `best`, `cheapest@P`, `budget@C`, `dial@Q` or `model:NAME`
  static ReplayedPolicy parse(String text, Set<String> without) {
    if (text.startsWith(MODEL) && text.length() > MODEL.length()) {
      return new ReplayedPolicy(text, Optional.empty(), without);
    }
    Optional<RoutingPolicy> policy = RoutingPolicies.parse(text);
    if (policy.isEmpty()) {
      throw BadInputException.of(
          "--policy %s: %s, or model:NAME for always one model"
              .formatted(text, RoutingPolicies.problem(text)));
    }
    return new ReplayedPolicy(text, policy, without);
  }

  @Override
  public int choose(LoggedDecision decision) {
    List<ModelForecast> forecasts = new ArrayList<>();
    Map<String, Integer> rows = new HashMap<>();
    Map<String, Double> costs = new HashMap<>();
    for (int k = 0; k < decision.candidates().size(); k++) {
      LoggedDecision.Candidate c = decision.candidates().get(k);
      rows.put(c.model(), k);
      costs.put(c.model(), c.cost());
      if (!without.contains(c.model()) && !Double.isNaN(c.forecast())) {
        forecasts.add(new ModelForecast(c.model(), c.forecast(), Double.NaN, Double.NaN));
      }
    }
    if (policy.isEmpty()) {
      return rows.getOrDefault(text.substring(MODEL.length()), -1);
    }
    if (forecasts.isEmpty()) {
      return -1;
    }
    String model =
        new Router(policy.get())
            .route(forecasts, name -> costs.getOrDefault(name, Double.NaN))
            .model();
    return rows.getOrDefault(model, -1);
  }
}
