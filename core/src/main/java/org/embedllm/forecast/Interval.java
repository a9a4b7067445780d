package org.embedllm.forecast;

import org.embedllm.linalg.NormalQuantile;

/// A 95 % interval.
///
/// @param low the lower end; NaN where there is nothing to estimate from
/// @param high the upper end
public record Interval(double low, double high) {
  /// The interval of a number that could not be computed.
  public static final Interval UNKNOWN = new Interval(Double.NaN, Double.NaN);

  private static final double Z = NormalQuantile.TWO_SIDED_95;

  /// The score interval of a share (Wilson, 1927), for counts without their questions.
  ///
  /// @param share the share that was observed, in [0, 1]; NaN where there were no trials
  /// @param trials independent trials behind it; no whole number where trials that go together
  ///   count for less than one each
  public static Interval ofShare(double share, double trials) {
    if (!(trials > 0) || Double.isNaN(share)) {
      return UNKNOWN;
    }
    double n = trials;
    double middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n);
    double half = Z * Math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n);
    return new Interval(Math.max(0, middle - half), Math.min(1, middle + half));
  }

  /// Whether a value is in the interval, ends included.
  public boolean contains(double value) {
    return low <= value && value <= high;
  }
}
