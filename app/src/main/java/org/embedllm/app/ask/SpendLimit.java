package org.embedllm.app.ask;

import java.util.Optional;
import org.embedllm.routing.ModelPrices;

/// What may be spent in all. A call starts only where the calls under way and itself are expected
/// to stay below the limit. Safe for use by several threads.
final class SpendLimit {
  private static final double EXPECTED_TOKENS = 1_000; // of an answer, before the first one

  private final double limit;
  private double spent;
  private double reserved;
  private boolean reached;

  /// @param limit USD; infinite for no limit
  SpendLimit(double limit) {
    this.limit = limit;
  }

  /// What a call is expected to cost at most.
  ///
  /// @param largest the most that a call has cost so far; 0 before the first
  static double expected(Optional<ModelPrices.Price> price, String prompt, double largest) {
    double first =
        price.map(p -> p.cost(ModelPrices.estimatedTokens(prompt), EXPECTED_TOKENS)).orElse(0.0);
    return largest > 0 ? largest : first;
  }

  /// @return whether the call may start; then [#pay] must follow
  synchronized boolean reserve(double expected) {
    if (spent + reserved + expected > limit) {
      reached = true;
      return false;
    }
    reserved += expected;
    return true;
  }

  /// An earlier run has spent this.
  synchronized void spent(double usd) {
    spent += usd;
  }

  /// The call has ended.
  ///
  /// @param usd what it cost; NaN where nothing is known, or nothing was answered
  synchronized void pay(double expected, double usd) {
    reserved -= expected;
    spent += Double.isNaN(usd) ? 0 : usd;
  }

  /// Whether a call was not made because of the limit.
  synchronized boolean reached() {
    return reached;
  }
}
