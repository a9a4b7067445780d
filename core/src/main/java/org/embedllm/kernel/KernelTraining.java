package org.embedllm.kernel;

import java.util.List;
import java.util.Optional;
import org.embedllm.factorization.TrainingResult;
import org.embedllm.logistic.LogitCalibration;
import org.embedllm.modelvector.ModelVectorProblem;
import org.embedllm.tensor.FloatMatrix;

/// A factorization with a kernel tower and what it takes to place further models.
///
/// @param result the fitted factorization and how training went
/// @param rowProblem the problem whose solutions the models' vectors are
/// @param covariances of the models' vectors, [m, d * d]
/// @param inputs [n, d], for each training question the input of the row problem: its projected
///   features, forecast without its own answers
/// @param novelty how far questions lie from the training questions, by sentence and form
/// @param contentNovelty the same by sentence and content, where there is such a kernel
/// @param ridges λ chosen for each component
/// @param explained share of each component's variance that left-out forecasts explain
/// @param calibration scale and shift of all logits, chosen on validation
public record KernelTraining(
    TrainingResult result,
    ModelVectorProblem rowProblem,
    FloatMatrix covariances,
    FloatMatrix inputs,
    OutOfDistribution novelty,
    Optional<OutOfDistribution> contentNovelty,
    List<Double> ridges,
    List<Double> explained,
    LogitCalibration calibration) {
  public KernelTraining {
    ridges = List.copyOf(ridges);
    explained = List.copyOf(explained);
  }
}
