package org.embedllm.app.task;

import java.util.Optional;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.forecast.Estimate;
import org.embedllm.forecast.ForecastEvaluation;
import org.embedllm.routing.RouterChoices;
import org.embedllm.routing.RoutingEvaluation;
import org.embedllm.tensor.FloatMatrix;

/// The shrunk table model × attribute as a forecaster and as a router.
///
/// @param attribute it goes by
/// @param accuracy fraction of cells where forecast and label agree
/// @param logLoss of its rates
/// @param router accuracy of the model with the highest rate
public record TableBaseline(
    String attribute, Estimate accuracy, Estimate logLoss, Estimate router) {
  /// Empty where the model file keeps no table.
  static Optional<TableBaseline> of(ModelArtifact artifact, CorrectnessMatrix answers, long seed) {
    return artifact
        .attributeTable()
        .map(table -> {
          FloatMatrix rates = table.forecast(answers.questions());
          ForecastEvaluation forecasts =
              ForecastEvaluation.of(answers, rates, artifact.training(), Optional.empty(), seed);
          RoutingEvaluation routes =
              RoutingEvaluation.of(
                  answers,
                  RouterChoices.best(answers, rates, artifact.training()),
                  artifact.training(),
                  Optional.empty(),
                  seed);
          return new TableBaseline(
              table.attribute().name(), forecasts.accuracy(), forecasts.logLoss(), routes.router());
        });
  }
}
