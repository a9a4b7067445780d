package org.embedllm.forecast;

import java.util.List;

/// The forecast of each model on one question.
///
/// @param models one entry for each model, in the forecaster's order
/// @param abstain whether the forecaster declines because the question is too far from the training
///   questions
public record Forecast(List<ModelForecast> models, boolean abstain) {
  public Forecast {
    models = List.copyOf(models);
  }

  /// Probability that a model answers correctly; of a pool that learned from votes, that it is
  /// preferred over an average model of the pool.
  ///
  /// @param model its name
  /// @param probability in [0, 1]
  /// @param low lower end of the 95 % interval of the share of such questions that the model gets
  ///   right, or is preferred on; NaN where no interval is known
  /// @param high upper end; NaN where none is known
  public record ModelForecast(String model, double probability, double low, double high) {}
}
