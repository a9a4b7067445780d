package org.embedllm.forecast;

import java.util.ArrayList;
import java.util.List;
import org.embedllm.forecast.Forecast.ModelForecast;
import org.embedllm.linalg.NormalQuantile;

/// The expected accuracy of a model on questions without answers: the mean of its forecast
/// probabilities.
///
/// The interval holds the accuracy itself, not only its expectation. Two things move it: the n
/// answers are drawn, which adds the variance `Σ p_j (1 − p_j) / n²`; and the probabilities are
/// uncertain. Their errors come from one model vector and are correlated, so the mean half-width of
/// their intervals stays for any number of questions. Both are added in quadrature.
///
/// @param model its name
/// @param accuracy mean probability
/// @param interval 95 %, within [0, 1]
public record ExpectedAccuracy(String model, double accuracy, Interval interval) {

  /// One entry for each model of the pool, in the forecasts' order.
  ///
  /// @param forecasts of the same models, at least one
  public static List<ExpectedAccuracy> of(List<Forecast> forecasts) {
    if (forecasts.isEmpty()) {
      throw new IllegalArgumentException("an expected accuracy needs at least one question");
    }
    List<ExpectedAccuracy> expected = new ArrayList<>();
    List<ModelForecast> first = forecasts.getFirst().models();
    for (int i = 0; i < first.size(); i++) {
      expected.add(of(first.get(i).model(), i, forecasts));
    }
    return expected;
  }

  private static ExpectedAccuracy of(String model, int row, List<Forecast> forecasts) {
    int n = forecasts.size();
    double sum = 0;
    double variance = 0;
    double halfWidth = 0;
    for (Forecast forecast : forecasts) {
      ModelForecast one = forecast.models().get(row);
      sum += one.probability();
      variance += one.probability() * (1 - one.probability());
      halfWidth += (one.high() - one.low()) / 2;
    }
    double mean = sum / n;
    double half = Math.hypot(NormalQuantile.TWO_SIDED_95 * Math.sqrt(variance) / n, halfWidth / n);
    return new ExpectedAccuracy(
        model, mean, new Interval(Math.max(0, mean - half), Math.min(1, mean + half)));
  }
}
