package org.embedllm.artifact;

import java.util.Optional;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.forecast.CorrectnessForecaster;
import org.embedllm.itemresponse.ItemParameters;
import org.embedllm.kernel.IntervalForecaster;
import org.embedllm.kernel.KernelTraining;
import org.embedllm.kernel.OutOfDistribution;
import org.embedllm.logistic.LaplacePosterior;
import org.embedllm.modelvector.ModelVectorPrior;
import org.embedllm.modelvector.ModelVectorProblem;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;

/// What a model file keeps so that further models can be placed beside those it was trained with.
public final class ModelPlacement {
  /// Name of the tensor with mean, slope and variances of the prior of a model's vector, [3, d].
  public static final String PRIOR = "rows.prior";

  /// Name of the tensor with the covariances of the models' vectors, [m, d * d].
  public static final String COVARIANCES = "rows.covariance";

  /// Name of the tensor with the inputs of the row problem, [n, d].
  public static final String INPUTS = "questions.inputs";

  /// Name of the tensor with difficulty, discrimination and their covariance, [n, 5].
  public static final String KNOWN = "questions.known";

  /// Name of the tensor with the prior variances of a model's ability and with what its accuracies
  /// are off by beyond them, [1, 1 + B + T + 2].
  public static final String ABILITY = "questions.ability";

  /// Name of the note with scale and shift of the logits, as JSON.
  public static final String CALIBRATION = "calibration";

  /// Name of the tensor that tells how far a question lies from the training questions, [1, 5].
  public static final String NEARNESS = "interval.nearness";

  /// Name of the tensor with the prior variances of a projected question, [1, d].
  public static final String VARIANCES = "interval.variances";

  /// Name of the tensor that tells how far a question lies by sentence and content, [1, 5].
  public static final String CONTENT_NEARNESS = "interval.content_nearness";

  /// Name of the tensor with the prior variances by sentence and content, [1, d].
  public static final String CONTENT_VARIANCES = "interval.content_variances";

  private ModelPlacement() {}

  static ModelArtifact keep(ModelArtifact artifact, KernelTraining training) {
    ModelVectorProblem problem = training.rowProblem();
    ModelArtifact kept = artifact;
    if (training.contentNovelty().isPresent()) {
      OutOfDistribution content = training.contentNovelty().get();
      kept =
          kept.withTensor(CONTENT_NEARNESS, content.nearness())
              .withTensor(CONTENT_VARIANCES, content.variances());
    }
    return kept
        .withTensor(PRIOR, problem.prior().tensor())
        .withTensor(COVARIANCES, training.covariances())
        .withTensor(INPUTS, training.inputs())
        .withTensor(KNOWN, problem.known().tensor())
        .withTensor(NEARNESS, training.novelty().nearness())
        .withTensor(VARIANCES, training.novelty().variances())
        .withTensor(ABILITY, problem.known().variances())
        .withNote(
            CALIBRATION,
            "{\"scale\": %s, \"shift\": %s}"
                .formatted(training.calibration().scale(), training.calibration().shift()));
  }

  /// An artifact in which one model stands elsewhere.
  ///
  /// @param row of the model
  /// @param vector where it stands, with its uncertainty, which is kept where the artifact keeps
  ///   any
  public static ModelArtifact moved(ModelArtifact artifact, int row, LaplacePosterior vector) {
    MatrixFactorization old = artifact.factorization();
    ModelArtifact moved =
        new ModelArtifact(
            new MatrixFactorization(
                old.models(),
                old.encoder(),
                old.features(),
                replaced(old.modelVectors(), row, vector.mean()),
                old.projection(),
                old.projectionBias(),
                old.classifier(),
                old.classifierBias()),
            artifact.training(),
            artifact.provenance(),
            artifact.callCosts(),
            artifact.questionsDigest(),
            artifact.tensors(),
            artifact.notes());
    FloatMatrix covariances = artifact.tensors().get(COVARIANCES);
    return covariances == null
        ? moved
        : moved.withTensor(COVARIANCES, replaced(covariances, row, vector.covariance()));
  }

  private static FloatMatrix replaced(FloatMatrix matrix, int row, double[] values) {
    float[] all = matrix.toArray();
    for (int k = 0; k < values.length; k++) {
      all[row * matrix.columns() + k] = (float) values[k];
    }
    return FloatMatrix.wrap(matrix.rows(), matrix.columns(), all);
  }

  /// The forecaster of an artifact: with intervals where it keeps what they take.
  static CorrectnessForecaster forecaster(ModelArtifact artifact) {
    FloatMatrix covariances = artifact.tensors().get(COVARIANCES);
    FloatMatrix nearness = artifact.tensors().get(NEARNESS);
    FloatMatrix variances = artifact.tensors().get(VARIANCES);
    if (covariances == null || nearness == null || variances == null) {
      return artifact.factorization();
    }
    try {
      return new IntervalForecaster(
          artifact.factorization(),
          covariances,
          OutOfDistribution.of(nearness, variances),
          contentNovelty(artifact));
    } catch (IllegalArgumentException e) {
      throw BadInputException.of(
          "what the model keeps for intervals does not fit: " + e.getMessage());
    }
  }

  private static Optional<OutOfDistribution> contentNovelty(ModelArtifact artifact) {
    FloatMatrix nearness = artifact.tensors().get(CONTENT_NEARNESS);
    FloatMatrix variances = artifact.tensors().get(CONTENT_VARIANCES);
    return nearness == null || variances == null
        ? Optional.empty()
        : Optional.of(OutOfDistribution.of(nearness, variances));
  }

  /// The problem that the vectors of this artifact's models are solutions of.
  ///
  /// @param questions the training questions kept beside the file
  /// @return empty where the artifact was trained without a kernel tower
  /// @throws BadInputException when what the artifact keeps does not fit together
  public static Optional<ModelVectorProblem> of(
      ModelArtifact artifact, TrainingQuestions questions) {
    FloatMatrix prior = artifact.tensors().get(PRIOR);
    FloatMatrix inputs = artifact.tensors().get(INPUTS);
    FloatMatrix known = artifact.tensors().get(KNOWN);
    FloatMatrix ability = artifact.tensors().get(ABILITY);
    if (prior == null || inputs == null || known == null || ability == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new ModelVectorProblem(
              ItemParameters.of(questions.matrix().questions(), known, inputs, ability),
              inputs,
              ModelVectorPrior.of(prior)));
    } catch (IllegalArgumentException e) {
      throw BadInputException.of(
          "what the model keeps for new models does not fit: " + e.getMessage());
    }
  }
}
