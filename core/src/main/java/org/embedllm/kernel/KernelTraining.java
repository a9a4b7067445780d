package org.embedllm.kernel;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.factorization.TrainingHistory;
import org.embedllm.factorization.TrainingResult;
import org.embedllm.logistic.LogitCalibration;
import org.embedllm.logistic.ScoreDispersion;
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
/// @param outOfDistribution how far questions are from the training questions, by sentence and
///   surface
/// @param contentOutOfDistribution the same by sentence and content, where there is such a kernel
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
    Optional<OutOfDistribution> contentOutOfDistribution,
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

  /// Name of the note with the dispersion of graded scores, as JSON; absent where scores are
  /// labels.
  public static final String DISPERSION = "score_dispersion";

  /// Name of the tensor that tells how far a question is from the training questions, [1, 5].
  public static final String NEARNESS = "interval.nearness";

  /// Name of the tensor with the prior variances of a projected question, [1, d].
  public static final String VARIANCES = "interval.variances";

  /// Name of the tensor that tells how far a question is by sentence and content, [1, 5].
  public static final String CONTENT_NEARNESS = "interval.content_nearness";

  /// Name of the tensor with the prior variances by sentence and content, [1, d].
  public static final String CONTENT_VARIANCES = "interval.content_variances";

  public KernelTraining {
    ridges = List.copyOf(ridges);
    explained = List.copyOf(explained);
  }

  /// The fitted model with what a model file keeps of this training.
  public TrainingResult result() {
    Map<String, FloatMatrix> tensors = new HashMap<>();
    tensors.put(PRIOR, vectorProblem.prior().tensor());
    tensors.put(COVARIANCES, covariances);
    tensors.put(INPUTS, inputs);
    tensors.put(KNOWN, vectorProblem.known().tensor());
    tensors.put(ABILITY, vectorProblem.known().variances());
    tensors.put(NEARNESS, outOfDistribution.nearness());
    tensors.put(VARIANCES, outOfDistribution.variances());
    contentOutOfDistribution.ifPresent(content -> {
      tensors.put(CONTENT_NEARNESS, content.nearness());
      tensors.put(CONTENT_VARIANCES, content.variances());
    });
    Map<String, String> notes = new HashMap<>();
    notes.put(
        CALIBRATION,
        "{\"scale\": %s, \"shift\": %s}".formatted(calibration.scale(), calibration.shift()));
    ScoreDispersion dispersion = vectorProblem.known().dispersion();
    if (!dispersion.equals(ScoreDispersion.LABELS)) {
      notes.put(
          DISPERSION,
          "{\"between\": %s, \"within\": %s}".formatted(dispersion.between(), dispersion.within()));
    }
    return new TrainingResult(model, history, tensors, notes, Map.of("ridges", ridges));
  }
}
