package org.embedllm.routing;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.embedllm.routing.Route.Candidate;

/// The policy with the most right answers within a budget for the average call. Immutable.
///
/// Maximizing the expected number of right answers under a limit on the mean cost is a linear
/// program over choices; its solution takes the model with the highest `p − μ · cost`, with one
/// price μ of a dollar for all questions. That is what [RoutingPolicy.Dial] does: a dial q means `μ
/// = (1 − q) / (q · highest cost)`.
public final class AverageBudget {
  private static final int HALVINGS = 60;
  private static final double HIGHEST_PRICE = 1e30;

  private final double budget;
  private final double price;
  private final double meanCost;

  private AverageBudget(double budget, double price, double meanCost) {
    this.budget = budget;
    this.price = price;
    this.meanCost = meanCost;
  }

  /// The best use of a budget over some questions.
  ///
  /// @param questions the candidates of each question, at least one with a known cost; those
  ///   without are never called
  /// @param budget USD for the average call
  public static AverageBudget over(List<List<Candidate>> questions, double budget) {
    if (questions.isEmpty()) {
      throw new IllegalArgumentException("an average needs at least one question");
    }
    DoubleUnaryOperator mean =
        price ->
            questions.stream()
                .mapToDouble(candidates -> best(candidates, price).cost())
                .average()
                .orElseThrow();
    double price = price(mean, budget);
    return new AverageBudget(budget, price, mean.applyAsDouble(price));
  }

  /// USD that the average call may cost.
  public double budget() {
    return budget;
  }

  /// μ, the price of a dollar in probability; infinite where even the cheapest candidates cost
  /// more.
  public double price() {
    return price;
  }

  /// Expected USD of the average call over the questions; above the budget only where even the
  /// cheapest candidates cost more.
  public double meanCost() {
    return meanCost;
  }

  /// The route of one question: the candidate with the highest `p − μ · cost`.
  ///
  /// @param candidates at least one with a known cost; those without are ranked last
  public Route route(List<Candidate> candidates) {
    List<Candidate> ranked = new ArrayList<>(candidates);
    ranked.sort(order(price));
    Candidate first = best(candidates, price);
    String reason =
        Double.isInfinite(price)
            ? "cheapest: even the cheapest calls cost %s on average, above %s"
                .formatted(Router.dollars(meanCost), Router.dollars(budget))
            : "best for %s a call on average: %s at %s"
                .formatted(
                    Router.dollars(budget),
                    Router.percent(first.probability()),
                    Router.dollars(first.cost()));
    return new Route(first.model(), reason, ranked);
  }

  private static Candidate best(List<Candidate> candidates, double price) {
    Candidate best = candidates.stream().min(order(price)).orElseThrow();
    if (Double.isNaN(best.cost())) {
      throw new IllegalArgumentException("no candidate has a known price");
    }
    return best;
  }

  /// Candidates with a known cost before others, then by value, then by cost.
  private static Comparator<Candidate> order(double price) {
    Comparator<Candidate> unpriced = Comparator.comparing(c -> Double.isNaN(c.cost()));
    return unpriced
        .thenComparing(Comparator.comparingDouble((Candidate c) -> value(c, price)).reversed())
        .thenComparingDouble(Candidate::cost)
        .thenComparing(Comparator.comparingDouble(Candidate::probability).reversed());
  }

  private static double value(Candidate candidate, double price) {
    if (Double.isNaN(candidate.cost())) {
      return candidate.probability();
    }
    return Double.isInfinite(price)
        ? -candidate.cost()
        : candidate.probability() - price * candidate.cost();
  }

  /// The price of a dollar, in probability, at which the mean cost of the chosen models is within
  /// the budget; the smallest such price up to rounding.
  ///
  /// @param questions those whose mean cost counts; only forecasts and prices are read, no answers
  /// @param budget USD for the average call
  /// @return infinite where even the cheapest candidates cost more
  public static double price(PricedForecasts questions, double budget) {
    return price(questions::meanCost, budget);
  }

  private static double price(DoubleUnaryOperator meanCost, double budget) {
    if (!(budget >= 0)) {
      throw new IllegalArgumentException("a budget must not be negative; got " + budget);
    }
    if (meanCost.applyAsDouble(0) <= budget) {
      return 0;
    }
    double high = 1;
    while (meanCost.applyAsDouble(high) > budget) {
      high *= 4;
      if (high > HIGHEST_PRICE) {
        return Double.POSITIVE_INFINITY;
      }
    }
    double low = 0;
    for (int step = 0; step < HALVINGS; step++) {
      double middle = (low + high) / 2;
      if (meanCost.applyAsDouble(middle) <= budget) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return high;
  }

  /// The dial of a price.
  ///
  /// @param price from [#price]
  /// @param highestCost USD of the most expensive candidate's call
  public static RoutingPolicy.Dial dial(double price, double highestCost) {
    double weight = price * highestCost;
    return new RoutingPolicy.Dial(Double.isInfinite(weight) ? 0 : 1 / (1 + weight));
  }
}
