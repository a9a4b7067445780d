package org.embedllm.benchmark;

/// A least-squares line through points in the plane.
///
/// @param intercept value at 0
/// @param slope 0 where all points have the same x
record StraightLine(double intercept, double slope) {
  /// Fits to the points `(x[i], y[i])` of the given samples.
  static StraightLine fit(int[] samples, double[] x, double[] y) {
    double meanX = 0;
    double meanY = 0;
    for (int i : samples) {
      meanX += x[i] / samples.length;
      meanY += y[i] / samples.length;
    }
    double covariance = 0;
    double variance = 0;
    for (int i : samples) {
      covariance += (x[i] - meanX) * (y[i] - meanY);
      variance += (x[i] - meanX) * (x[i] - meanX);
    }
    double slope = variance > 0 ? covariance / variance : 0;
    return new StraightLine(meanY - slope * meanX, slope);
  }

  double at(double x) {
    return intercept + slope * x;
  }
}
