package org.embedllm.benchmark;

/// The tails of the standard normal distribution.
final class NormalTail {
  private static final double SERIES_BELOW = 2.5;
  private static final int MOST_TERMS = 500;

  private NormalTail() {}

  /// P(|Z| ≥ z) for z ≥ 0; relative error about 1e-13.
  ///
  /// Below 2.5 by the series of the central part (Abramowitz and Stegun 26.2.11), above by the
  /// continued fraction of Mills' ratio (26.2.14), evaluated from its far end.
  static double twoSided(double z) {
    double density = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
    if (z < SERIES_BELOW) {
      double term = z;
      double sum = z;
      for (int k = 1; k < MOST_TERMS && term > sum * 1e-17; k++) {
        term *= z * z / (2 * k + 1);
        sum += term;
      }
      return 1 - 2 * density * sum;
    }
    double fraction = z;
    for (int k = MOST_TERMS; k >= 1; k--) {
      fraction = z + k / fraction;
    }
    return 2 * density / fraction;
  }
}
