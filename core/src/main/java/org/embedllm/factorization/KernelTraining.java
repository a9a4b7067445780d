package org.embedllm.factorization;

import org.embedllm.tensor.FloatMatrix;

/// A factorization with a kernel tower and what it takes to place further models.
///
/// @param result the fitted factorization and how training went
/// @param prior of a model's vector, from the pool
/// @param covariances of the models' vectors, [m, d * d]
/// @param questionInputs [n, d], for each training question the input of the row problem: its
///   projected features, forecast without its own answers
/// @param ridges λ chosen for each component
/// @param leftOutExplained share of each component's variance that left-out forecasts explain
/// @param calibration scale and shift of all logits, chosen on validation
public record KernelTraining(
    TrainingResult result,
    RowPrior prior,
    FloatMatrix covariances,
    FloatMatrix questionInputs,
    java.util.List<Double> ridges,
    java.util.List<Double> leftOutExplained,
    LogitCalibration calibration) {
  public KernelTraining {
    ridges = java.util.List.copyOf(ridges);
    leftOutExplained = java.util.List.copyOf(leftOutExplained);
  }
}
