package org.embedllm.linalg;

/// Short vectors of doubles, summed from the first coordinate to the last.
public final class DenseVectors {
  private DenseVectors() {}

  /// @param a `[d]`
  /// @param b `[d]`
  public static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
