package org.embedllm.gateway.decide;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.correctness.UsageQuantity;
import org.embedllm.forecast.Forecast;
import org.embedllm.forecast.Forecast.ModelForecast;
import org.embedllm.gateway.config.ConversationRule;
import org.embedllm.gateway.config.GatewayConfig;
import org.embedllm.gateway.decide.Decision.Ranked;
import org.embedllm.gateway.openai.RequestBody;
import org.embedllm.gateway.upstream.Upstream;
import org.embedllm.routing.Route;
import org.embedllm.routing.Route.Candidate;
import org.embedllm.routing.Router;
import org.embedllm.routing.RoutingPolicy;
import org.embedllm.usage.UsageEstimate;
import org.embedllm.usage.UsageForecast;

/// What a policy makes of one request: its candidates in order, and why. The conversation's own
/// model counts as more likely to be right by the switching cost, and as cheaper by what its prompt
/// cache saves.
final class PolicyRanking {
  private final GatewayConfig config;
  private final Upstreams upstreams;
  private final RequestBody body;
  private final RoutingPolicy policy;
  private final List<String> candidates;
  private final Map<String, ModelForecast> forecasts = new HashMap<>();
  private final UsageForecast usage;
  private final boolean abstains;
  private final Optional<String> current;
  private final Route route;

  /// @param candidates models that could answer, at least one
  /// @param current the candidate that answered this conversation before
  PolicyRanking(
      GatewayConfig config,
      Upstreams upstreams,
      RequestBody body,
      RoutingPolicy policy,
      List<String> candidates,
      Forecast forecast,
      UsageForecast usage,
      Optional<String> current) {
    this.config = config;
    this.upstreams = upstreams;
    this.body = body;
    this.policy = policy;
    this.candidates = candidates;
    forecast.models().forEach(f -> forecasts.put(f.model(), f));
    this.usage = usage;
    this.abstains = forecast.abstain();
    this.current = current;
    this.route = route(current);
  }

  /// The policy's choice.
  String model() {
    return route.model();
  }

  /// The candidates as the policy saw them, in its order.
  List<Candidate> candidates() {
    return route.ranking();
  }

  /// The candidates' forecasts.
  List<ModelForecast> forecasts() {
    return candidates.stream().map(forecasts::get).filter(f -> f != null).toList();
  }

  private Route route(Optional<String> own) {
    ConversationRule rule = config.conversations();
    List<Candidate> shifted = new ArrayList<>();
    for (ModelForecast f : forecasts()) {
      String model = f.model();
      boolean isOwn = own.isPresent() && own.get().equals(model);
      shifted.add(
          new Candidate(
              model,
              f.probability() + (isOwn ? rule.switchingCost() : 0),
              f.low(),
              f.high(),
              upstreams.expectedCost(model, body, isOwn ? rule.cacheDiscount() : 0, usage),
              usage.of(model, UsageQuantity.SECONDS).map(UsageEstimate::mean).orElse(Double.NaN)));
    }
    return new Router(policy, config.maxSeconds()).route(shifted);
  }

  /// The candidates with their own forecasts.
  ///
  /// @param first the model that comes first; the others keep the policy's order
  List<Ranked> ranked(String first) {
    List<Ranked> ranking = new ArrayList<>();
    for (Candidate candidate : route.ranking()) {
      ModelForecast f = forecasts.get(candidate.model());
      if (f != null) {
        ranking.add(candidate.model().equals(first) ? 0 : ranking.size(), ranked(f));
      }
    }
    return ranking;
  }

  private Ranked ranked(ModelForecast f) {
    boolean rests = upstreams.of(f.model()).stream().noneMatch(Upstream::available);
    String note =
        current.filter(f.model()::equals).isPresent() ? "answered this conversation before" : "";
    note = rests ? (note.isEmpty() ? "" : note + "; ") + "resting at the moment" : note;
    return new Ranked(
        f.model(),
        f.probability(),
        f.low(),
        f.high(),
        upstreams.expectedCost(f.model(), body, 0, usage),
        note);
  }

  /// Why the policy chose, in one sentence.
  String reason() {
    Route plain = current.isPresent() ? route(Optional.empty()) : route;
    String reason = plain.reason();
    if (current.isPresent() && current.get().equals(route.model())) {
      reason =
          plain.model().equals(route.model())
              ? reason
              : "the conversation stays with %s: the gain of %s is below the switching cost"
                  .formatted(route.model(), plain.model());
    } else if (current.isPresent()) {
      reason += "; the gain outweighs leaving " + current.get();
    }
    return abstains ? Route.ABSTAINED + reason : reason;
  }
}
