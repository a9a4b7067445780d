package org.embedllm.kernel;

import org.embedllm.tensor.FloatMatrix;

/// Leave-one-out predictions of the components of each training question's answers, each divided by
/// its standard deviation. Immutable.
final class LeaveOneOutPredictions {
  // A component without spread is divided by this instead, which leaves it negligible.
  private static final double LEAST_SPREAD = 1e-3;

  private final int count; // n
  private final int dimension;
  private final double[] values; // [n, d]
  private final double[] scales; // [d]

  private LeaveOneOutPredictions(int count, int dimension, double[] values, double[] scales) {
    this.count = count;
    this.dimension = dimension;
    this.values = values;
    this.scales = scales;
  }

  /// @param n training questions
  static LeaveOneOutPredictions of(RidgeFit fit, int n) {
    int d = fit.dimension();
    double[] scales = new double[d];
    double[] values = new double[n * d];
    for (int c = 0; c < d; c++) {
      double mean = 0;
      double square = 0;
      for (int j = 0; j < n; j++) {
        values[j * d + c] = fit.leftOut(j, c);
        mean += values[j * d + c] / n;
        square += values[j * d + c] * values[j * d + c] / n;
      }
      scales[c] = Math.sqrt(Math.max(0, square - mean * mean)) + LEAST_SPREAD;
      for (int j = 0; j < n; j++) {
        values[j * d + c] /= scales[c];
      }
    }
    return new LeaveOneOutPredictions(n, d, values, scales);
  }

  /// d.
  int dimension() {
    return dimension;
  }

  /// The divisor of a component.
  double scale(int component) {
    return scales[component];
  }

  /// The predictions themselves, [n, d]: not to be modified.
  double[] values() {
    return values;
  }

  /// Inputs of the model vector problem: the constant, then the first k components, [n, 1 + k].
  FloatMatrix inputs(int k) {
    int n = count;
    float[] inputs = new float[n * (k + 1)];
    for (int j = 0; j < n; j++) {
      inputs[j * (k + 1)] = 1;
      for (int c = 0; c < k; c++) {
        inputs[j * (k + 1) + 1 + c] = (float) values[j * dimension + c];
      }
    }
    return FloatMatrix.wrap(n, k + 1, inputs);
  }
}
