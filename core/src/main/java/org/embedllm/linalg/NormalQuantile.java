package org.embedllm.linalg;

/// Quantiles of the standard normal distribution.
public final class NormalQuantile {
  /// The 97.5 % quantile: half the width of a 95 % interval in standard deviations.
  public static final double TWO_SIDED_95 = 1.959963984540054;

  /// The 95 % quantile: the one-sided bound with 95 % confidence, and half the width of a 90 %
  /// interval, in standard deviations.
  public static final double ONE_SIDED_95 = 1.6448536269514722;

  private NormalQuantile() {}
}
