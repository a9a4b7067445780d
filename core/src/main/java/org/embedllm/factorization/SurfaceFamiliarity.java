package org.embedllm.factorization;

import org.embedllm.tensor.FloatMatrix;

/// How far the surface of a text is from the surfaces of the training texts. Immutable.
///
/// With t the largest cosine of a surface with a prototype, the unfamiliarity is `clamp((usual − t)
/// / (usual − far), 0, 1)`.
public final class SurfaceFamiliarity {
  private static final double LEAST_RANGE = 1e-3;

  private final FloatMatrix prototypes; // [k, f], rows of length 1
  private final double usual;
  private final double far;

  /// @param prototypes of the training texts' surfaces, [k, f], rows of length 1
  /// @param usual t from which on a surface is usual
  /// @param far t up to which a surface is unfamiliar, at most `usual`
  public SurfaceFamiliarity(FloatMatrix prototypes, double usual, double far) {
    if (!(usual >= far)) {
      throw new IllegalArgumentException(
          "what is usual is beyond what is far: %s, %s".formatted(usual, far));
    }
    this.prototypes = prototypes;
    this.usual = usual;
    this.far = far;
  }

  /// [k, f], rows of length 1.
  public FloatMatrix prototypes() {
    return prototypes;
  }

  public double usual() {
    return usual;
  }

  public double far() {
    return far;
  }

  /// From 0, as in training, to 1, like no training text.
  ///
  /// @param vectors row-major
  /// @param at where the surface of a text begins
  double unfamiliarity(float[] vectors, int at) {
    double range = Math.max(LEAST_RANGE, usual - far);
    return Math.clamp((usual - nearness(prototypes, vectors, at)) / range, 0.0, 1.0);
  }

  /// The largest cosine of a surface with a prototype.
  ///
  /// @param prototypes [k, f], rows of length 1
  /// @param vectors row-major
  /// @param at where the surface of a text begins
  public static double nearness(FloatMatrix prototypes, float[] vectors, int at) {
    int f = prototypes.columns();
    float[] rows = prototypes.sharedArray();
    double square = 0;
    for (int x = 0; x < f; x++) {
      square += (double) vectors[at + x] * vectors[at + x];
    }
    float largest = -1;
    for (int k = 0; k < prototypes.rows(); k++) {
      float sum = 0;
      for (int x = 0; x < f; x++) {
        sum += vectors[at + x] * rows[k * f + x];
      }
      largest = Math.max(largest, square > 0 ? sum : -1);
    }
    return square > 0 ? largest / Math.sqrt(square) : -1;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SurfaceFamiliarity that
        && usual == that.usual
        && far == that.far
        && prototypes.equals(that.prototypes);
  }

  @Override
  public int hashCode() {
    return prototypes.hashCode();
  }
}
