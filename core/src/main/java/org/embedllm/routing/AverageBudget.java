package org.embedllm.routing;

/// A budget for the average call: the policy that gets the most right answers for it.
///
/// Maximizing the expected number of right answers under a limit on the mean cost is a linear
/// programme over choices; its solution takes the model with the highest `p − μ · cost`, with one
/// price μ of a dollar for all questions. That is what [RoutingPolicy.Dial] does: a dial q stands
/// for `μ = (1 − q) / (q · highest cost)`.
public final class AverageBudget {
  private static final int HALVINGS = 60;

  private AverageBudget() {}

  /// The price of a dollar, in probability, at which the mean cost of the chosen models is within
  /// the budget; the smallest such price up to rounding.
  ///
  /// @param questions those whose mean cost counts; only forecasts and prices are read, no answers
  /// @param budget USD for the average call
  /// @return infinite where even the cheapest candidates cost more
  public static double price(PricedForecasts questions, double budget) {
    if (!(budget >= 0)) {
      throw new IllegalArgumentException("a budget is not negative; got " + budget);
    }
    if (questions.meanCost(0) <= budget) {
      return 0;
    }
    double high = 1;
    while (questions.meanCost(high) > budget) {
      high *= 4;
      if (high > 1e30) {
        return Double.POSITIVE_INFINITY;
      }
    }
    double low = 0;
    for (int step = 0; step < HALVINGS; step++) {
      double middle = (low + high) / 2;
      if (questions.meanCost(middle) <= budget) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return high;
  }

  /// The dial that stands for a price.
  ///
  /// @param price from [#price]
  /// @param highestCost USD of the most expensive candidate's call
  public static RoutingPolicy.Dial dial(double price, double highestCost) {
    double weight = price * highestCost;
    return new RoutingPolicy.Dial(Double.isInfinite(weight) ? 0 : 1 / (1 + weight));
  }
}
