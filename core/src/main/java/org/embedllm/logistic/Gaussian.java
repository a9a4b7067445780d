package org.embedllm.logistic;

import org.embedllm.linalg.Cholesky;
import org.embedllm.linalg.Workers;

/// A Gaussian over vectors, by mean and precision. Immutable.
public final class Gaussian {
  private final double[] mean; // [k]
  private final double[] precision; // [k, k], symmetric positive definite

  private Gaussian(double[] mean, double[] precision) {
    this.mean = mean;
    this.precision = precision;
  }

  public static Gaussian ofVariances(double[] mean, double[] variances) {
    double[] precision = new double[mean.length * mean.length];
    for (int k = 0; k < mean.length; k++) {
      precision[k * mean.length + k] = 1 / variances[k];
    }
    return new Gaussian(mean.clone(), precision);
  }

  /// @param precision [k, k], symmetric positive definite; not copied
  public static Gaussian ofPrecision(double[] mean, double[] precision) {
    return new Gaussian(mean.clone(), precision);
  }

  public static Gaussian ofCovariance(double[] mean, double[] covariance) {
    try (Workers workers = new Workers(1)) {
      return new Gaussian(mean.clone(), Cholesky.of(mean.length, covariance, workers).inverse());
    }
  }

  /// The product of both densities, as a Gaussian.
  public Gaussian times(Gaussian other) {
    int k = mean.length;
    double[] sum = new double[k * k];
    double[] right = new double[k]; // P₁ m₁ + P₂ m₂
    for (int i = 0; i < k; i++) {
      for (int l = 0; l < k; l++) {
        int at = i * k + l;
        sum[at] = precision[at] + other.precision[at];
        right[i] += precision[at] * mean[l] + other.precision[at] * other.mean[l];
      }
    }
    try (Workers workers = new Workers(1)) {
      return new Gaussian(Cholesky.of(k, sum, workers).solve(right), sum);
    }
  }

  int dimension() {
    return mean.length;
  }

  /// The mean itself, `[k]`: not to be modified.
  public double[] mean() {
    return mean;
  }

  /// The inverse covariance itself, [k, k]: not to be modified.
  public double[] precision() {
    return precision;
  }
}
