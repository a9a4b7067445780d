package org.embedllm.app.replay;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.embedllm.app.cli.Json;
import org.embedllm.offpolicy.OffPolicyEstimate;
import org.embedllm.offpolicy.OffPolicyMethod;
import org.jspecify.annotations.Nullable;

/// What a gateway's traffic says of models and policies: the numbers of `report` and of the page.
///
/// @param traffic what was counted
/// @param policies estimates of policies, the one that was logged first; empty where nothing can be
///   said
/// @param recommendation one sentence about them
public record TrafficSummary(
    StoredTraffic traffic, List<NamedEstimate> policies, String recommendation) {
  /// Policies in question where nobody names others.
  public static final List<String> POLICIES =
      List.of("best", "cheapest@0.8", "cheapest@0.6", "dial@0.5");

  private static final String LOGGED = "as it was";

  public TrafficSummary {
    policies = List.copyOf(policies);
  }

  /// @param policy its text
  /// @param estimate of its mean score and cost
  /// @param logged the same of what clients got, of the same requests and scores
  /// @param judged whether it is from the scores of the shadow's judge, else it is from feedback
  public record NamedEstimate(
      String policy, OffPolicyEstimate estimate, OffPolicyEstimate logged, boolean judged) {
    /// Its cost as a multiple of what was spent on the same requests; NaN where one is not known.
    double relativeCost() {
      return logged.cost() > 0 ? estimate.cost() / logged.cost() : Double.NaN;
    }

    String source() {
      return judged ? "judge" : "feedback";
    }
  }

  /// @param policies their texts
  /// @throws org.embedllm.storage.BadInputException where one is none
  public static TrafficSummary of(
      StoredTraffic traffic, List<StoredDecisions> stored, List<String> policies) {
    List<ReplayedPolicy> asked =
        policies.stream().map(text -> ReplayedPolicy.parse(text, Set.of())).toList();
    if (stored.getFirst().decisions().isEmpty()) {
      return new TrafficSummary(
          traffic, List.of(), "No decision has a score: send feedback, or configure a shadow.");
    }
    PolicyEstimates from = new PolicyEstimates(stored);
    List<NamedEstimate> estimates = new ArrayList<>();
    for (ReplayedPolicy policy : asked) {
      estimates.add(from.of(policy, OffPolicyMethod.DOUBLY_ROBUST));
    }
    String sentence = ReplayRecommendation.of(estimates);
    estimates.addAll(0, from.logged(LOGGED, estimates));
    return new TrafficSummary(traffic, estimates, sentence);
  }

  /// As JSON: `{requests, first, last, recommendation, policies: […], wins: […], models: […]}`;
  /// `kind` is null where a win rate is over all prompts.
  public Json json() {
    return new Json()
        .put("requests", traffic.requests())
        .put("first", traffic.first().toString())
        .put("last", traffic.last().toString())
        .put("comparisons", traffic.comparisons())
        .put("votes", traffic.votes())
        .put("shadowUsd", traffic.shadowUsd())
        .put("recommendation", recommendation)
        .put("policies", policies.stream().map(TrafficSummary::json).toList())
        .put("wins", traffic.wins().stream().map(TrafficSummary::json).toList())
        .put("pairs", traffic.pairs().stream().map(TrafficSummary::json).toList())
        .put("models", traffic.models().stream().map(TrafficSummary::json).toList());
  }

  private static Map<String, @Nullable Object> json(NamedEstimate named) {
    OffPolicyEstimate e = named.estimate();
    return new Json()
        .put("policy", named.policy())
        .put("source", named.source())
        .put("logged", named.policy().equals(LOGGED))
        .put("estimate", e.value())
        .put("low", e.interval().low())
        .put("high", e.interval().high())
        .put("difference", e.difference())
        .put("differenceLow", e.differenceInterval().low())
        .put("differenceHigh", e.differenceInterval().high())
        .put("cost", e.cost())
        .put("relativeCost", named.relativeCost())
        .put("effectiveSamples", e.effectiveSamples())
        .put("reason", e.refusal().orElse(null))
        .document();
  }

  private static Json rate(WinRate rate) {
    return new Json()
        .put("comparisons", rate.comparisons())
        .put("winRate", rate.value())
        .put("low", rate.interval().low())
        .put("high", rate.interval().high())
        .put("more", rate.more() < 0 ? null : rate.more());
  }

  private static Map<String, @Nullable Object> json(StoredTraffic.Wins wins) {
    return rate(wins.rate())
        .put("model", wins.model())
        .put("kind", wins.kind().orElse(null))
        .document();
  }

  private static Map<String, @Nullable Object> json(StoredTraffic.Pair pair) {
    return rate(pair.rate()).put("model", pair.other()).put("against", pair.answered()).document();
  }

  private static Map<String, @Nullable Object> json(StoredTraffic.OfModel of) {
    return new Json()
        .put("model", of.model())
        .put("answered", of.answered())
        .put("wouldAnswer", of.wouldAnswer())
        .put("feedback", of.feedback())
        .put("quality", of.quality())
        .put("low", of.interval().low())
        .put("high", of.interval().high())
        .put("cost", of.cost())
        .put("seconds", of.seconds())
        .document();
  }
}
