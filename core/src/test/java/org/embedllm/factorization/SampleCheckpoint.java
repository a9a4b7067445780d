package org.embedllm.factorization;

import java.nio.file.Path;
import java.util.List;
import org.embedllm.tensor.FloatMatrix;

/// A checkpoint of two models, for tests of other packages.
public final class SampleCheckpoint {
  private SampleCheckpoint() {}

  /// @param content a value of its parameters
  public static void write(Path file, int content) {
    MatrixFactorization model =
        Fixtures.model(
            FloatMatrix.wrap(2, 1, new float[] {content, 2}),
            FloatMatrix.wrap(1, 1, new float[] {3}),
            FloatMatrix.wrap(1, 1, new float[] {4}),
            FloatMatrix.wrap(2, 1, new float[] {5, 6}),
            FloatMatrix.wrap(1, 2, new float[] {7, 8}));
    new Checkpoint(file, "digest").write(TrainingState.of(model), List.of());
  }
}
