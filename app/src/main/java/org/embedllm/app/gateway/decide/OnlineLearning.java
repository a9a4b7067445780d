package org.embedllm.app.gateway.decide;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.artifact.ModelPlacement;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.factorization.OnlineModelVector;
import org.embedllm.factorization.RowPosterior;
import org.embedllm.forecast.CorrectnessForecaster;
import org.embedllm.tensor.FloatMatrix;

/// Moves models' vectors by outcomes, one at a time. Not safe for use by several threads.
final class OnlineLearning {
  private final FloatMatrix covariances; // [m, d * d], as trained
  private final double[] classifier; // w = C_1 − C_0, [d]
  private final Map<Integer, OnlineModelVector> moved = new HashMap<>();
  private ModelArtifact artifact;

  private OnlineLearning(ModelArtifact artifact, FloatMatrix covariances, double[] classifier) {
    this.artifact = artifact;
    this.covariances = covariances;
    this.classifier = classifier;
  }

  /// @return empty where the model file does not keep what learning takes: the uncertainty of its
  ///   vectors
  static Optional<OnlineLearning> of(ModelArtifact artifact) {
    MatrixFactorization model = artifact.factorization();
    FloatMatrix covariances = artifact.tensors().get(ModelPlacement.COVARIANCES);
    float shift = model.classifierBias().get(0, 1) - model.classifierBias().get(0, 0);
    if (covariances == null || shift != 0) {
      return Optional.empty();
    }
    double[] classifier = new double[model.dimension()];
    for (int k = 0; k < classifier.length; k++) {
      classifier[k] = (double) model.classifier().get(1, k) - model.classifier().get(0, k);
    }
    return Optional.of(new OnlineLearning(artifact, covariances, classifier));
  }

  /// Takes in an outcome.
  ///
  /// @param vector [1, q] of the question
  /// @param name the model that answered it
  /// @param score the outcome, in [0, 1]
  /// @return the forecaster after it; empty where the model has no vector
  Optional<CorrectnessForecaster> learn(FloatMatrix vector, String name, double score) {
    MatrixFactorization model = artifact.factorization();
    int row = model.models().indexOf(name);
    if (row < 0) {
      return Optional.empty();
    }
    float[] features = model.project(vector).row(0);
    for (int k = 0; k < features.length; k++) {
      features[k] = (float) (features[k] * classifier[k]);
    }
    RowPosterior after =
        moved
            .computeIfAbsent(
                row,
                r ->
                    OnlineModelVector.of(model, covariances, r, OnlineModelVector.Settings.DEFAULT))
            .update(features, score);
    artifact = with(row, after);
    return Optional.of(artifact.forecaster());
  }

  /// The artifact with one row replaced.
  private ModelArtifact with(int row, RowPosterior after) {
    MatrixFactorization old = artifact.factorization();
    FloatMatrix spreads = artifact.tensors().getOrDefault(ModelPlacement.COVARIANCES, covariances);
    var factorization =
        new MatrixFactorization(
            old.models(),
            old.encoder(),
            old.features(),
            replaced(old.modelVectors(), row, after.mean()),
            old.projection(),
            old.projectionBias(),
            old.classifier(),
            old.classifierBias());
    return new ModelArtifact(
            factorization,
            artifact.training(),
            artifact.provenance(),
            artifact.callCosts(),
            artifact.questionsDigest(),
            artifact.tensors(),
            artifact.notes())
        .withTensor(ModelPlacement.COVARIANCES, replaced(spreads, row, after.covariance()));
  }

  private static FloatMatrix replaced(FloatMatrix matrix, int row, double[] values) {
    float[] all = matrix.toArray();
    for (int k = 0; k < values.length; k++) {
      all[row * matrix.columns() + k] = (float) values[k];
    }
    return FloatMatrix.wrap(matrix.rows(), matrix.columns(), all);
  }
}
