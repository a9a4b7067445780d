package org.embedllm.linalg;

/// The logistic function.
public final class Logistic {
  private Logistic() {}

  /// σ(x) = 1 / (1 + exp(−x)), in [0, 1].
  public static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
