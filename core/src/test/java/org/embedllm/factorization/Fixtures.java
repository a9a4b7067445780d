package org.embedllm.factorization;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.tensor.FloatMatrix;

/// Small things that several tests of this package start from.
final class Fixtures {
  private Fixtures() {}

  static EncoderIdentity encoder(int dimension) {
    return new EncoderIdentity("test", "0", dimension, 0);
  }

  /// A model with plain question vectors and models named model-0, model-1, ...
  static MatrixFactorization model(
      FloatMatrix modelVectors,
      FloatMatrix projection,
      FloatMatrix projectionBias,
      FloatMatrix classifier,
      FloatMatrix classifierBias) {
    int q = projection.columns();
    return new MatrixFactorization(
        IntStream.range(0, modelVectors.rows()).mapToObj(i -> "model-" + i).toList(),
        encoder(q),
        new FeatureMap.Identity(q),
        modelVectors,
        projection,
        projectionBias,
        classifier,
        classifierBias);
  }

  static TrainingProblem problem(CorrectnessMatrix train, FloatMatrix features) {
    return new TrainingProblem(encoder(features.columns()), train, features, Optional.empty());
  }

  static TrainingProblem problem(
      CorrectnessMatrix train, FloatMatrix features, TrainingProblem.Validation validation) {
    return new TrainingProblem(
        encoder(features.columns()), train, features, Optional.of(validation));
  }

  /// P, W, b, C and c: what two models with the same bits have in common.
  static List<FloatMatrix> parameters(MatrixFactorization model) {
    return List.of(
        model.modelVectors(),
        model.projection(),
        model.projectionBias(),
        model.classifier(),
        model.classifierBias());
  }
}
