package org.embedllm.kernel;

import java.util.List;
import org.embedllm.factorization.TrainingResult;
import org.embedllm.logistic.LogitCalibration;
import org.embedllm.modelvector.ModelVectorProblem;
import org.embedllm.tensor.FloatMatrix;

/// A kernel factorization with everything needed to add models.
///
/// @param result the fitted factorization and how training went
/// @param rowProblem the problem whose solutions the models' vectors are
/// @param covariances of the models' vectors, [m, d * d]
/// @param inputs [n, d], for each training question the input of the model vector problem: its
///   projected features, predicted without its own answers
/// @param novelty how far questions are from the training questions
/// @param ridges λ chosen for each component
/// @param explained share of each component's variance that leave-one-out predictions explain
/// @param calibration scale and shift of all logits, chosen on validation
public record KernelTraining(
    TrainingResult result,
    ModelVectorProblem rowProblem,
    FloatMatrix covariances,
    FloatMatrix inputs,
    OutOfDistribution novelty,
    List<Double> ridges,
    List<Double> explained,
    LogitCalibration calibration) {
  public KernelTraining {
    ridges = List.copyOf(ridges);
    explained = List.copyOf(explained);
  }
}
