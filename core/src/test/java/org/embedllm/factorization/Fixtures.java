package org.embedllm.factorization;

import java.util.stream.IntStream;
import org.embedllm.question.EncoderIdentity;

/// Small things that several tests of this package start from.
final class Fixtures {
  private Fixtures() {}

  static EncoderIdentity encoder(int dimension) {
    return new EncoderIdentity("test", "0", dimension, 0);
  }

  /// A model with plain question vectors and models named model-0, model-1, ...
  static MatrixFactorization model(Factors factors) {
    int q = factors.projection().columns();
    return new MatrixFactorization(
        IntStream.range(0, factors.modelVectors().rows()).mapToObj(i -> "model-" + i).toList(),
        encoder(q),
        new FeatureMap.Identity(q),
        factors.modelVectors(),
        factors.projection(),
        factors.projectionBias(),
        factors.classifier(),
        factors.classifierBias());
  }
}
