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

  /// `y += factor x`, with a part of x.
  ///
  /// @param x `[d]` from `from` on
  /// @param y the first d are changed
  public static void addScaled(double factor, float[] x, int from, double[] y, int d) {
    for (int i = 0; i < d; i++) {
      y[i] += factor * x[from + i];
    }
  }
}
