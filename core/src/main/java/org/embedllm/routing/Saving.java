package org.embedllm.routing;

import org.embedllm.forecast.Interval;
import org.embedllm.linalg.NormalQuantile;

/// The share of a cost that is saved, 1 − Σ c / Σ c₀ over paired calls, with its standard error by
/// linearization (Cochran, 1977, §6.4).
///
/// @param value the share; NaN where the other cost is nothing
/// @param standardError of it
/// @param questions how many
public record Saving(double value, double standardError, int questions) {
  /// @param spent USD of each call
  /// @param otherwise USD of the call that it is compared with; a pair with NaN does not count
  static Saving of(double[] spent, double[] otherwise) {
    double sum = 0;
    double base = 0;
    int count = 0;
    for (int j = 0; j < spent.length; j++) {
      if (!Double.isNaN(spent[j]) && !Double.isNaN(otherwise[j])) {
        sum += spent[j];
        base += otherwise[j];
        count++;
      }
    }
    if (count < 2 || !(base > 0)) {
      return new Saving(Double.NaN, Double.NaN, count);
    }
    double ratio = sum / base;
    double squares = 0;
    for (int j = 0; j < spent.length; j++) {
      if (!Double.isNaN(spent[j]) && !Double.isNaN(otherwise[j])) {
        double residual = spent[j] - ratio * otherwise[j];
        squares += residual * residual;
      }
    }
    double standardError = Math.sqrt(squares / (count - 1) / count) / (base / count);
    return new Saving(1 - ratio, standardError, count);
  }

  /// The share that the true one exceeds with 95 % confidence.
  double lowerBound() {
    return value - NormalQuantile.ONE_SIDED_95 * standardError;
  }

  /// Whether this measurement contradicts that at least `promised` is saved.
  boolean breaks(double promised) {
    return value + NormalQuantile.ONE_SIDED_95 * standardError < promised;
  }

  /// The two-sided 95 % interval.
  public Interval interval() {
    return Double.isNaN(standardError)
        ? Interval.UNKNOWN
        : new Interval(
            value - NormalQuantile.TWO_SIDED_95 * standardError,
            value + NormalQuantile.TWO_SIDED_95 * standardError);
  }
}
