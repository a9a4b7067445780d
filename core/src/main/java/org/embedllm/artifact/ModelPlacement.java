package org.embedllm.artifact;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.correctness.Question;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.forecast.CorrectnessForecaster;
import org.embedllm.itemresponse.ItemParameters;
import org.embedllm.kernel.IntervalForecaster;
import org.embedllm.kernel.KernelTraining;
import org.embedllm.kernel.OutOfDistribution;
import org.embedllm.logistic.LaplacePosterior;
import org.embedllm.logistic.ScoreDispersion;
import org.embedllm.modelvector.ModelVectorPrior;
import org.embedllm.modelvector.ModelVectorProblem;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.JsonTrees;
import org.embedllm.tensor.FloatMatrix;
import tools.jackson.databind.JsonNode;

/// The parts of a model file from which new models can be added to it.
final class ModelPlacement {
  private ModelPlacement() {}

  /// An artifact in which one model has another vector.
  ///
  /// @param row of the model
  /// @param vector its new vector, with its uncertainty, which is kept where the artifact keeps any
  static ModelArtifact moved(ModelArtifact artifact, int row, LaplacePosterior vector) {
    MatrixFactorization old = artifact.factorization();
    ModelArtifact moved =
        artifact.withFactorization(
            old.withModels(old.models(), replaced(old.modelVectors(), row, vector.mean())));
    FloatMatrix covariances = artifact.tensors().get(KernelTraining.COVARIANCES);
    return covariances == null
        ? moved
        : moved.withTensor(
            KernelTraining.COVARIANCES, replaced(covariances, row, vector.covariance()));
  }

  private static FloatMatrix replaced(FloatMatrix matrix, int row, double[] values) {
    float[] all = matrix.toArray();
    for (int k = 0; k < values.length; k++) {
      all[row * matrix.columns() + k] = (float) values[k];
    }
    return FloatMatrix.wrap(matrix.rows(), matrix.columns(), all);
  }

  /// The forecaster of an artifact: with intervals where it has the data for them.
  static CorrectnessForecaster forecaster(ModelArtifact artifact) {
    FloatMatrix covariances = artifact.tensors().get(KernelTraining.COVARIANCES);
    FloatMatrix nearness = artifact.tensors().get(KernelTraining.NEARNESS);
    FloatMatrix variances = artifact.tensors().get(KernelTraining.VARIANCES);
    if (covariances == null || nearness == null || variances == null) {
      return artifact.factorization();
    }
    try {
      return new IntervalForecaster(
          artifact.factorization(),
          covariances,
          OutOfDistribution.of(nearness, variances),
          byContent(artifact));
    } catch (IllegalArgumentException e) {
      throw BadInputException.of(
          "the model file's data for intervals do not fit together: " + e.getMessage());
    }
  }

  private static Optional<OutOfDistribution> byContent(ModelArtifact artifact) {
    FloatMatrix nearness = artifact.tensors().get(KernelTraining.CONTENT_NEARNESS);
    FloatMatrix variances = artifact.tensors().get(KernelTraining.CONTENT_VARIANCES);
    return nearness == null || variances == null
        ? Optional.empty()
        : Optional.of(OutOfDistribution.of(nearness, variances));
  }

  private static ScoreDispersion dispersion(ModelArtifact artifact) {
    String note = artifact.notes().get(KernelTraining.DISPERSION);
    if (note == null) {
      return ScoreDispersion.LABELS;
    }
    JsonNode json = JsonTrees.read(note);
    return new ScoreDispersion(
        json.path("between").asDouble(Double.NaN), json.path("within").asDouble(Double.NaN));
  }

  /// The problem that the vectors of this artifact's models are solutions of.
  ///
  /// @param questions the training questions kept beside the file
  /// @return empty where the artifact was not trained by the kernel forecaster
  /// @throws BadInputException when the parts of the artifact do not fit together
  static Optional<ModelVectorProblem> of(ModelArtifact artifact, TrainingQuestions questions) {
    return of(artifact.tensors(), questions.matrix().questions(), dispersion(artifact));
  }

  /// The problem that the vectors of a pool's models are solutions of.
  ///
  /// @param tensors of the artifact
  /// @param questions the training questions; their texts are not read
  /// @param dispersion of their scores
  /// @return empty where the artifact was not trained by the kernel forecaster
  /// @throws BadInputException when the parts do not fit together
  static Optional<ModelVectorProblem> of(
      Map<String, FloatMatrix> tensors, List<Question> questions, ScoreDispersion dispersion) {
    FloatMatrix prior = tensors.get(KernelTraining.PRIOR);
    FloatMatrix inputs = tensors.get(KernelTraining.INPUTS);
    FloatMatrix known = tensors.get(KernelTraining.KNOWN);
    FloatMatrix ability = tensors.get(KernelTraining.ABILITY);
    if (prior == null || inputs == null || known == null || ability == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new ModelVectorProblem(
              ItemParameters.of(questions, known, inputs, ability).withDispersion(dispersion),
              inputs,
              ModelVectorPrior.of(prior)));
    } catch (IllegalArgumentException e) {
      throw BadInputException.of(
          "the model file's data for new models do not fit together: " + e.getMessage());
    }
  }
}
