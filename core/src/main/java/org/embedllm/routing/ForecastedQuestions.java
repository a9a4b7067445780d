package org.embedllm.routing;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.ObservedUsage;
import org.embedllm.forecast.ForecastQuantity;
import org.embedllm.forecast.NeighborVotes;
import org.embedllm.routing.Recommendation.Use;
import org.embedllm.tensor.FloatMatrix;

/// Questions with forecasts that did not see their answers, what came true, and what the answers
/// took: what routers are compared on.
///
/// @param answers the observed answers, [m, n]
/// @param probabilities the forecasts, [n, m]
/// @param votes of the nearest training questions, where they are known
/// @param table what the table of models and an attribute forecasts, [n, m], where there is one
/// @param vectors of the questions, [n, q]
/// @param usage what the answers took, as far as it is known, [m, n]
/// @param training answer counts of the training questions: they name the single best model
public record ForecastedQuestions(
    CorrectnessMatrix answers,
    FloatMatrix probabilities,
    Optional<NeighborVotes> votes,
    Optional<FloatMatrix> table,
    FloatMatrix vectors,
    ObservedUsage usage,
    AnswerCounts training) {
  /// The same with what calls cost.
  public PricedForecasts priced(CallCosts costs) {
    return PricedForecasts.of(
        answers,
        probabilities,
        costs.expected(answers, vectors),
        costs.actual(answers, usage),
        training);
  }

  /// What the routers choose.
  public Recommendation.Trial trial() {
    Map<Use, List<Integer>> choices = new EnumMap<>(Use.class);
    choices.put(Use.ROUTER, list(RouterChoices.best(answers, probabilities, training)));
    votes.ifPresent(
        v -> choices.put(Use.NEIGHBORS, list(RouterChoices.byVotes(answers, v, training))));
    table.ifPresent(t -> choices.put(Use.TABLE, list(RouterChoices.best(answers, t, training))));
    return new Recommendation.Trial(answers, training, choices);
  }

  private static List<Integer> list(int[] choices) {
    return Arrays.stream(choices).boxed().toList();
  }

  /// Whether the cost of a call to any of the models is known.
  boolean anyCost(CallCosts costs) {
    return answers.models().stream().anyMatch(costs::known);
  }

  /// The router to serve prompts with: the default forecaster, unless another one is better on
  /// questions that none of them saw.
  public static Use router(List<ForecastedQuestions> evidence) {
    return Recommendation.router(evidence.stream().map(ForecastedQuestions::trial).toList());
  }

  /// The recommendation for a pool of models.
  ///
  /// @param evidence questions to choose on, other than the test questions
  /// @param asAsked some of these in other forms, one entry for each form
  /// @param test where the recommendation is measured
  /// @param costs of calls, as far as they are known
  /// @param quantity what the scores are
  /// @param seed of the resamples
  public static Recommendation recommendation(
      List<ForecastedQuestions> evidence,
      List<ForecastedQuestions> asAsked,
      ForecastedQuestions test,
      CallCosts costs,
      ForecastQuantity quantity,
      long seed) {
    Optional<CostCurve.AtOperatingPoint> cheaper =
        evidence.isEmpty() || !test.anyCost(costs)
            ? Optional.empty()
            : CostCurve.operatingPoint(
                evidence.stream().map(part -> part.priced(costs)).toList(),
                test.priced(costs),
                seed);
    return Recommendation.of(
        evidence.stream().map(ForecastedQuestions::trial).toList(),
        asAsked.stream().map(ForecastedQuestions::trial).toList(),
        test.trial(),
        cheaper,
        quantity,
        seed);
  }
}
