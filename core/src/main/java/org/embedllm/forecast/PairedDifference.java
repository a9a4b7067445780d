package org.embedllm.forecast;

import org.embedllm.linalg.NormalQuantile;

/// The mean difference of two ways to answer the same questions, with its standard error.
///
/// Two questions are added, half a one for each side and one on which both do alike, so that a
/// difference over few questions is never known exactly (Agresti and Min, 2005).
///
/// @param value mean of the differences as they are; NaN without questions
/// @param center mean with these two questions added
/// @param standardError of the mean; NaN without questions
/// @param questions how many
public record PairedDifference(double value, double center, double standardError, int questions) {
  /// @param differences one for each question, in [−1, 1]; NaN where the question does not count
  public static PairedDifference of(double[] differences) {
    double sum = 0;
    double squares = 0;
    int count = 0;
    for (double difference : differences) {
      if (!Double.isNaN(difference)) {
        sum += difference;
        squares += difference * difference;
        count++;
      }
    }
    if (count == 0) {
      return new PairedDifference(Double.NaN, Double.NaN, Double.NaN, 0);
    }
    double n = count + 2.0;
    double variance = (squares + 1 - sum * sum / n) / n;
    return new PairedDifference(sum / count, sum / n, Math.sqrt(Math.max(0, variance) / n), count);
  }

  /// The value that the true difference exceeds with 95 % confidence.
  public double lowerBound() {
    return center - NormalQuantile.ONE_SIDED_95 * standardError;
  }

  /// How far [#lowerBound] is below the difference.
  public double margin() {
    return NormalQuantile.ONE_SIDED_95 * standardError;
  }

  /// The two-sided 95 % interval.
  public Interval interval() {
    return Double.isNaN(standardError)
        ? Interval.UNKNOWN
        : new Interval(
            center - NormalQuantile.TWO_SIDED_95 * standardError,
            center + NormalQuantile.TWO_SIDED_95 * standardError);
  }

  /// Whether this measurement contradicts that the true difference is at least `promised`: it is
  /// below it by more than its own one-sided 95 % interval.
  public boolean breaks(double promised) {
    return value + margin() < promised;
  }
}
