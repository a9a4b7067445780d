package org.embedllm.app.replay;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.embedllm.app.replay.TrafficSummary.NamedEstimate;
import org.embedllm.offpolicy.OffPolicyEstimate;

/// What the estimates of policies suggest.
final class ReplayRecommendation {
  private ReplayRecommendation() {}

  /// One sentence: a policy that is better, or as good and cheaper, for certain; else that there is
  /// none.
  static String of(List<NamedEstimate> estimates) {
    Optional<NamedEstimate> better =
        estimates.stream()
            .filter(e -> e.estimate().differenceInterval().low() > 0)
            .max(Comparator.comparingDouble(e -> e.estimate().difference()));
    if (better.isPresent()) {
      OffPolicyEstimate e = better.get().estimate();
      return String.format(
          Locale.ROOT,
          "%s would do better than what was chosen: by %.1f points (95 %% interval %.1f to %.1f)",
          better.get().policy(),
          100 * e.difference(),
          100 * e.differenceInterval().low(),
          100 * e.differenceInterval().high());
    }
    Optional<NamedEstimate> cheaper =
        estimates.stream()
            .filter(e -> e.relativeCost() < 0.95 && e.estimate().differenceInterval().low() > -0.02)
            .min(Comparator.comparingDouble(NamedEstimate::relativeCost));
    return cheaper
        .map(named ->
            String.format(
                Locale.ROOT,
                "%s would cost %.0f %% less and lose at most %.1f points (95 %%)",
                named.policy(),
                100 * (1 - named.relativeCost()),
                Math.max(0, -100 * named.estimate().differenceInterval().low())))
        .orElse("no policy is certainly better than what was chosen");
  }
}
