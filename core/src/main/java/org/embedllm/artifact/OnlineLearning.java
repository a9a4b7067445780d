package org.embedllm.artifact;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.logistic.LaplacePosterior;
import org.embedllm.modelvector.OnlineModelVector;
import org.embedllm.tensor.FloatMatrix;

/// Updates model vectors by feedback, one answer at a time. The model file stays as it is. Not safe
/// for use by several threads.
public final class OnlineLearning {
  private final FloatMatrix covariances; // [m, d * d], as trained
  private final Map<Integer, OnlineModelVector> moved = new HashMap<>();
  private ModelArtifact artifact;

  private OnlineLearning(ModelArtifact artifact, FloatMatrix covariances) {
    this.artifact = artifact;
    this.covariances = covariances;
  }

  /// Learning that starts from a model file.
  ///
  /// @return empty where the model file has no uncertainty of its vectors, which learning needs
  public static Optional<OnlineLearning> of(ModelArtifact artifact) {
    return artifact.covariances().map(covariances -> new OnlineLearning(artifact, covariances));
  }

  /// Takes in feedback.
  ///
  /// @param vector `[1, q]` of the question
  /// @param name the model that answered it
  /// @param score the feedback, in `[0, 1]`
  /// @return the pool after it; empty where the model has no vector
  public Optional<ModelArtifact> learn(FloatMatrix vector, String name, double score) {
    MatrixFactorization model = artifact.factorization();
    int row = model.models().indexOf(name);
    if (row < 0) {
      return Optional.empty();
    }
    float[] features = model.project(vector).row(0);
    LaplacePosterior after = vector(row).update(features, score);
    artifact = artifact.withModelVector(row, after);
    return Optional.of(artifact);
  }

  /// Takes in a vote between two models; both learn from it as it was forecast before.
  ///
  /// @param vector `[1, q]` of the question
  /// @return the pool after it; empty where one of them has no vector
  public Optional<ModelArtifact> compare(FloatMatrix vector, String better, String worse) {
    MatrixFactorization model = artifact.factorization();
    int winner = model.models().indexOf(better);
    int loser = model.models().indexOf(worse);
    if (winner < 0 || loser < 0) {
      return Optional.empty();
    }
    float[] features = model.project(vector).row(0);
    double scale = artifact.votes().map(v -> v.likelihood().scale()).orElse(1.0);
    double winnerLogit = vector(winner).logit(features);
    double loserLogit = vector(loser).logit(features);
    artifact =
        artifact
            .withModelVector(winner, vector(winner).compare(features, 1, scale, loserLogit))
            .withModelVector(loser, vector(loser).compare(features, 0, scale, winnerLogit));
    return Optional.of(artifact);
  }

  private OnlineModelVector vector(int row) {
    return moved.computeIfAbsent(
        row,
        r ->
            OnlineModelVector.of(
                artifact.factorization(), covariances, r, OnlineModelVector.Settings.DEFAULT));
  }
}
