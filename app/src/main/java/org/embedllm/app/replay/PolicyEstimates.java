package org.embedllm.app.replay;

import java.util.List;
import org.embedllm.offpolicy.OffPolicyEstimate;
import org.embedllm.offpolicy.OffPolicyEvaluation;
import org.embedllm.offpolicy.OffPolicyMethod;

/// Estimates of policies from what a store holds: from feedback, and where that cannot tell, from
/// the scores of the shadow's judge.
final class PolicyEstimates {
  /// What is estimated from, the first choice first.
  ///
  /// @param logged what clients got
  /// @param judged whether the scores are a judge's
  private record Source(OffPolicyEvaluation evaluation, OffPolicyEstimate logged, boolean judged) {
    static Source of(StoredDecisions stored) {
      OffPolicyEvaluation evaluation = new OffPolicyEvaluation(stored.decisions());
      return new Source(evaluation, evaluation.logged(), stored.judged());
    }

    TrafficSummary.NamedEstimate named(String name, OffPolicyEstimate estimate) {
      return new TrafficSummary.NamedEstimate(name, estimate, logged, judged);
    }

    TrafficSummary.NamedEstimate of(ReplayedPolicy policy, OffPolicyMethod method) {
      return named(policy.text(), evaluation.estimate(policy, method));
    }
  }

  private final List<Source> sources;

  /// @param stored as [StoredDecisions#of] gives it
  PolicyEstimates(List<StoredDecisions> stored) {
    this.sources = stored.stream().map(Source::of).toList();
  }

  /// What clients got, by each source of some estimates.
  List<TrafficSummary.NamedEstimate> logged(
      String name, List<TrafficSummary.NamedEstimate> estimates) {
    boolean first = sources.getFirst().judged();
    return sources.stream()
        .filter(source ->
            source.judged() == first
                || estimates.stream().anyMatch(e -> e.judged() == source.judged()))
        .map(source -> source.named(name, source.logged()))
        .toList();
  }

  /// The first source that can tell, or else what the first says.
  TrafficSummary.NamedEstimate of(ReplayedPolicy policy, OffPolicyMethod method) {
    TrafficSummary.NamedEstimate first = sources.getFirst().of(policy, method);
    if (first.estimate().refusal().isEmpty()) {
      return first;
    }
    return sources.stream()
        .skip(1)
        .map(source -> source.of(policy, method))
        .filter(found -> found.estimate().refusal().isEmpty())
        .findFirst()
        .orElse(first);
  }
}
