package org.embedllm.kernel;

import java.util.List;
import java.util.Map;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.factorization.TrainingHistory;
import org.embedllm.factorization.TrainingResult;
import org.embedllm.logistic.LogitCalibration;
import org.embedllm.modelvector.ModelVectorProblem;
import org.embedllm.tensor.FloatMatrix;

/// A factorization over the similarities to landmarks, and what further models are placed with.
///
/// @param model the fitted factorization
/// @param history how training went
/// @param vectorProblem the problem whose solutions the models' vectors are
/// @param covariances of the models' vectors, [m, d * d]
/// @param inputs [n, d], for each training question the input of that problem: its projected
///   features, predicted without its own answers
/// @param outOfDistribution how far questions are from the training questions
/// @param ridges λ chosen for each component
/// @param explained share of each component's variance that leave-one-out predictions explain
/// @param calibration scale and shift of all logits, chosen on validation
public record KernelTraining(
    MatrixFactorization model,
    TrainingHistory history,
    ModelVectorProblem vectorProblem,
    FloatMatrix covariances,
    FloatMatrix inputs,
    OutOfDistribution outOfDistribution,
    List<Double> ridges,
    List<Double> explained,
    LogitCalibration calibration) {
  /// Name of the tensor with mean, slope and variances of the prior of a model's vector, [3, d].
  public static final String PRIOR = "rows.prior";

  /// Name of the tensor with the covariances of the models' vectors, [m, d * d].
  public static final String COVARIANCES = "rows.covariance";

  /// Name of the tensor with the inputs of a model vector's problem, [n, d].
  public static final String INPUTS = "questions.inputs";

  /// Name of the tensor with difficulty, discrimination and their covariance, [n, 5].
  public static final String KNOWN = "questions.known";

  /// Name of the tensor with the prior variances of a model's ability and the model misfit, [1, 1 +
  /// B + T + 2].
  public static final String ABILITY = "questions.ability";

  /// Name of the note with scale and shift of the logits, as JSON.
  public static final String CALIBRATION = "calibration";

  /// Name of the tensor that tells how far a question is from the training questions, [1, 5].
  public static final String NEARNESS = "interval.nearness";

  /// Name of the tensor with the prior variances of a projected question, [1, d].
  public static final String VARIANCES = "interval.variances";

  public KernelTraining {
    ridges = List.copyOf(ridges);
    explained = List.copyOf(explained);
  }

  /// The fitted model with what a model file keeps of this training.
  public TrainingResult result() {
    return new TrainingResult(
        model,
        history,
        Map.of(
            PRIOR, vectorProblem.prior().tensor(),
            COVARIANCES, covariances,
            INPUTS, inputs,
            KNOWN, vectorProblem.known().tensor(),
            ABILITY, vectorProblem.known().variances(),
            NEARNESS, outOfDistribution.nearness(),
            VARIANCES, outOfDistribution.variances()),
        Map.of(
            CALIBRATION,
            "{\"scale\": %s, \"shift\": %s}".formatted(calibration.scale(), calibration.shift())),
        Map.of("ridges", ridges));
  }
}
