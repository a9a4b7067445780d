package org.embedllm.routing;

/// How a model is chosen from forecasts and prices. Of a pool that learned from votes,
/// probabilities are of being preferred over an average model of the pool, not of being right.
public sealed interface RoutingPolicy {
  /// The model with the highest probability.
  record Best() implements RoutingPolicy {}

  /// The cheapest model with at least the given probability; where none has it, the most likely
  /// one.
  ///
  /// @param target in [0, 1]
  record Cheapest(double target) implements RoutingPolicy {
    public Cheapest {
      if (!(target >= 0 && target <= 1)) {
        throw new IllegalArgumentException(
            "target must be a probability between 0 and 1; got " + target);
      }
    }
  }

  /// The model with the highest probability among those whose call costs at most the given amount.
  ///
  /// @param maxCost USD for one call, not negative
  record Budget(double maxCost) implements RoutingPolicy {
    public Budget {
      if (!(maxCost >= 0)) {
        throw new IllegalArgumentException("a budget must not be negative; got " + maxCost);
      }
    }
  }

  /// Quality for price with one dial: 0 looks at price alone, 1 at quality alone.
  ///
  /// @param quality in [0, 1]
  record Dial(double quality) implements RoutingPolicy {
    public Dial {
      if (!(quality >= 0 && quality <= 1)) {
        throw new IllegalArgumentException("the dial must be between 0 and 1; got " + quality);
      }
    }
  }
}
