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
  /// @param judged whether the scores are a judge's
  private record Source(OffPolicyEvaluation evaluation, boolean judged) {}

  private final List<Source> sources;

  /// @param stored as [StoredDecisions#of] gives it
  PolicyEstimates(List<StoredDecisions> stored) {
    this.sources =
        stored.stream()
            .map(each -> new Source(new OffPolicyEvaluation(each.decisions()), each.judged()))
            .toList();
  }

  /// What clients got.
  TrafficSummary.NamedEstimate logged(String name) {
    Source first = sources.getFirst();
    return new TrafficSummary.NamedEstimate(name, first.evaluation().logged(), first.judged());
  }

  /// The first source that can tell, or else what the first says.
  TrafficSummary.NamedEstimate of(ReplayedPolicy policy, OffPolicyMethod method) {
    OffPolicyEstimate refused = sources.getFirst().evaluation().estimate(policy, method);
    TrafficSummary.NamedEstimate first =
        new TrafficSummary.NamedEstimate(policy.text(), refused, sources.getFirst().judged());
    if (refused.refusal().isEmpty()) {
      return first;
    }
    return sources.subList(1, sources.size()).stream()
        .map(source ->
            new TrafficSummary.NamedEstimate(
                policy.text(), source.evaluation().estimate(policy, method), source.judged()))
        .filter(found -> found.estimate().refusal().isEmpty())
        .findFirst()
        .orElse(first);
  }
}
