package org.embedllm.gateway.rollout;

import java.util.Locale;
import java.util.Optional;
import org.embedllm.gateway.config.RolloutConfig.Guards;
import org.embedllm.gateway.rollout.RolloutState.ArmSummary;

/// Whether the router does more harm than a guard allows. A difference that chance explains breaks
/// none: it is looked at after each request, and would else break a guard some day.
final class BrokenGuard {
  /// Standard errors of a difference that chance does not explain, however often it is looked at.
  private static final double CERTAIN = 3;

  private BrokenGuard() {}

  /// The guard that is broken, in a sentence.
  static Optional<String> of(ArmSummary router, ArmSummary other, Guards guards) {
    if (router.requests() >= guards.minimum()) {
      double errors = other.requests() == 0 ? 0 : other.errorRate();
      double more = router.errorRate() - errors;
      if (more > guards.errorRate()
          && more
              > CERTAIN * error(router.errorRate(), router.requests(), errors, other.requests())) {
        return Optional.of(
            String.format(
                Locale.ROOT,
                "%.1f %% of the router's requests failed, %.1f %% of the default model's",
                100 * router.errorRate(),
                100 * errors));
      }
    }
    return quality(router, other, guards).or(() -> spend(router, other, guards));
  }

  private static Optional<String> quality(ArmSummary router, ArmSummary other, Guards guards) {
    double worse = other.quality() - router.quality();
    boolean enough = router.feedback() >= guards.minimum() && other.feedback() >= guards.minimum();
    return enough
            && worse > guards.quality()
            && worse
                > CERTAIN
                    * error(router.quality(), router.feedback(), other.quality(), other.feedback())
        ? Optional.of(
            String.format(
                Locale.ROOT,
                "the router's feedback is %.2f, the default model's %.2f",
                router.quality(),
                other.quality()))
        : Optional.empty();
  }

  private static Optional<String> spend(ArmSummary router, ArmSummary other, Guards guards) {
    return router.requests() >= guards.minimum()
            && other.requests() >= guards.minimum()
            && router.cost() > guards.spendRatio() * other.cost()
        ? Optional.of(
            String.format(
                Locale.ROOT,
                "a request of the router costs $%.6f, one of the default model $%.6f",
                router.cost(),
                other.cost()))
        : Optional.empty();
  }

  /// Standard error of the difference of two shares; of scores between 0 and 1 it is at most this.
  private static double error(double share, long count, double otherShare, long otherCount) {
    return Math.sqrt(variance(share, count) + variance(otherShare, otherCount));
  }

  private static double variance(double share, long count) {
    return count == 0 ? 0 : share * (1 - share) / count;
  }
}
