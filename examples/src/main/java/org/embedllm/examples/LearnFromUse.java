package org.embedllm.examples;

import java.io.IOException;
import java.nio.file.Path;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.modelvector.OnlineModelVector;
import org.embedllm.tensor.FloatMatrix;

/// Takes in feedback on one model as it comes, and says when the model has changed.
public final class LearnFromUse {
  private final ModelArtifact artifact;
  private final OnlineModelVector vector;

  /// @param modelFile what `train` wrote
  /// @param model name of the model that the feedback is on
  public LearnFromUse(Path modelFile, String model) throws IOException {
    artifact = ModelArtifact.open(modelFile);
    FloatMatrix covariances =
        artifact
            .covariances()
            .orElseThrow(() ->
                new IllegalArgumentException(modelFile + " keeps no uncertainty to learn with"));
    vector =
        OnlineModelVector.of(
            artifact.factorization(),
            covariances,
            artifact.factorization().models().indexOf(model),
            OnlineModelVector.Settings.DEFAULT);
  }

  /// One score.
  ///
  /// @param question vector of the prompt, `[q]`, from the model file's encoder
  /// @param score 1 for a right answer, 0 for a wrong one
  /// @return whether the past no longer predicts this model
  public boolean feedback(float[] question, double score) {
    FloatMatrix projected =
        artifact.factorization().project(FloatMatrix.wrap(1, question.length, question));
    vector.update(projected.row(0), score);
    return vector.drift().drifted();
  }

  /// Scores so far.
  public long count() {
    return vector.scores();
  }
}
