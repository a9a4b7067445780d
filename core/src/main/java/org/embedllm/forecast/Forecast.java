package org.embedllm.forecast;

import java.util.List;

/// What is expected of each model on one question.
///
/// @param models one entry for each model, in the forecaster's order
/// @param abstain whether the question lies so far from the training questions that the forecaster
///   declines to rank models by it
public record Forecast(List<ModelForecast> models, boolean abstain) {
  public Forecast {
    models = List.copyOf(models);
  }

  /// Probability that a model answers correctly.
  ///
  /// @param model its name
  /// @param probability in [0, 1]
  /// @param low lower end of the 95 % interval of the share of such questions that the model gets
  ///   right
  /// @param high upper end
  public record ModelForecast(String model, double probability, double low, double high) {}
}
