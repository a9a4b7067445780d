package org.embedllm.forecast;

/// A 95 % interval.
///
/// @param low the lower end; NaN where there is nothing to estimate from
/// @param high the upper end
public record Interval(double low, double high) {
  /// The interval of a number that could not be computed.
  public static final Interval UNKNOWN = new Interval(Double.NaN, Double.NaN);

  /// Whether a value lies in the interval, its ends included.
  public boolean contains(double value) {
    return low <= value && value <= high;
  }
}
