package org.embedllm.logistic;

/// The posterior of a model's vector: its mode and the covariance of a Gaussian around it
/// (Laplace's approximation). Immutable.
public final class LaplacePosterior {
  private final double[] mean; // [k]
  private final double[] covariance; // [k, k]
  private final int answers;

  public LaplacePosterior(double[] mean, double[] covariance, int answers) {
    this.mean = mean;
    this.covariance = covariance;
    this.answers = answers;
  }

  /// The most probable vector, `[k]`, as a new array.
  public double[] mean() {
    return mean.clone();
  }

  /// The covariance, [k, k], as a new array.
  public double[] covariance() {
    return covariance.clone();
  }

  /// Number of answers behind it.
  public int answers() {
    return answers;
  }

  /// The logit of an input: mean.
  ///
  /// @param input `[k]`
  public double logit(double[] input) {
    double sum = 0;
    for (int k = 0; k < mean.length; k++) {
      sum += mean[k] * input[k];
    }
    return sum;
  }

  /// The logit of an input: variance, `xᵀ Σ x`.
  ///
  /// @param input `[k]`
  public double variance(double[] input) {
    int size = mean.length;
    double sum = 0;
    for (int i = 0; i < size; i++) {
      double row = 0;
      for (int j = 0; j < size; j++) {
        row += covariance[i * size + j] * input[j];
      }
      sum += input[i] * row;
    }
    return Math.max(0, sum);
  }
}
