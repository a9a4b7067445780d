package org.embedllm.gateway.rollout;

import org.embedllm.forecast.Interval;
import org.embedllm.gateway.rollout.RolloutState.ArmSummary;

/// What the router does better or worse than the default model.
///
/// @param saved USD that the router's requests have cost less than the default model's would have;
///   NaN where a cost is not known
/// @param savedShare the same as a share of what the default model's would have cost
/// @param difference of the mean feedback, positive where the router's is better; NaN without
///   feedback on both sides
/// @param interval of it, 95 % (Newcombe 1998, method 10)
public record ArmComparison(double saved, double savedShare, double difference, Interval interval) {
  /// Compares two arms.
  public static ArmComparison of(ArmSummary router, ArmSummary other) {
    double less = other.cost() - router.cost();
    double difference = router.quality() - other.quality();
    return new ArmComparison(
        less * router.requests(),
        other.cost() > 0 ? less / other.cost() : Double.NaN,
        difference,
        interval(router, other, difference));
  }

  private static Interval interval(ArmSummary router, ArmSummary other, double difference) {
    if (Double.isNaN(difference)) {
      return Interval.UNKNOWN;
    }
    Interval own = router.interval();
    Interval others = other.interval();
    return new Interval(
        difference - Math.hypot(router.quality() - own.low(), others.high() - other.quality()),
        difference + Math.hypot(own.high() - router.quality(), other.quality() - others.low()));
  }
}
