package org.embedllm.linalg;

/// The logistic function, its inverse and its integral.
public final class Logistic {
  private Logistic() {}

  /// σ(x) = 1 / (1 + exp(−x)), in [0, 1].
  public static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /// log(1 + exp(x)), also where exp(x) is infinite.
  public static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  /// The inverse of [#sigmoid]: log(p / (1 − p)).
  public static double logit(double p) {
    return Math.log(p / (1 - p));
  }
}
