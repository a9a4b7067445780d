package org.embedllm.examples;

import java.util.List;
import org.embedllm.routing.AverageBudget;
import org.embedllm.routing.CostCurve;
import org.embedllm.routing.PricedForecasts;
import org.embedllm.routing.Route;
import org.embedllm.routing.RoutingPolicy;

/// Is routing worth it, and which dial keeps the average call within a budget?
public final class PricedRouting {
  private PricedRouting() {}

  /// The verdict with its evidence, and the Pareto front.
  ///
  /// @param validation forecasts, prices and answers on which settings are chosen
  /// @param test those on which they are measured
  static String verdict(PricedForecasts validation, PricedForecasts test) {
    CostCurve curve = CostCurve.of(List.of(validation), test, 0);
    StringBuilder text =
        new StringBuilder(
            curve
                .operatingPoint()
                .map(point ->
                    "route with dial@%s: %.0f %% of the cost saved"
                        .formatted(point.promise().dial(), 100 * point.saved().value()))
                .orElseGet(() -> "do not route for cost: " + curve.nothingPromised()));
    for (CostCurve.Point point : curve.front()) {
      text.append(
          "%n%s: $%.6f a call, %.1f %% right"
              .formatted(point.policy(), point.cost(), 100 * point.quality()));
    }
    return text.toString();
  }

  /// A route for each of some prompts: together the most right answers that an average of `budget`
  /// USD a call can buy.
  ///
  /// @param prompts for each prompt the models that could answer, with forecast and cost
  static List<Route> routes(List<List<Route.Candidate>> prompts, double budget) {
    AverageBudget average = AverageBudget.over(prompts, budget);
    return prompts.stream().map(average::route).toList();
  }

  /// The dial that gets the most right answers for an average of `budget` USD a call.
  static RoutingPolicy.Dial dial(PricedForecasts questions, double budget, double highestCost) {
    return AverageBudget.dial(AverageBudget.price(questions, budget), highestCost);
  }
}
