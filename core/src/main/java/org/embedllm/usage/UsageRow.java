package org.embedllm.usage;

import org.embedllm.tensor.FloatMatrix;

/// One model's forecast of one quantity. Immutable.
///
/// With u `[k]` the inputs of a question, the logarithm of the quantity is `uᵀ x` with variance `σ²
/// + uᵀ Σ u`; the interval is between two quantiles of the standardized errors, and the mean is
///   `exp(offset + slope · uᵀ x)`, which gives the sum of the quantity over many questions.
final class UsageRow {
  /// Columns of a stored row behind vector and covariance: answers, σ², offset, slope, low, high,
  /// mean logarithm, limit.
  static final int SCALES = 8;

  private final CensoredRegression.Row row;
  private final double offset;
  private final double slope;
  private final double low; // quantiles of standardized errors
  private final double high;
  private final double meanLog; // of the values it was learned from
  private final double limit; // from which on a value is a lower bound; infinite without one

  UsageRow(
      CensoredRegression.Row row,
      double offset,
      double slope,
      double low,
      double high,
      double meanLog,
      double limit) {
    this.row = row;
    this.offset = offset;
    this.slope = slope;
    this.low = low;
    this.high = high;
    this.meanLog = meanLog;
    this.limit = limit;
  }

  CensoredRegression.Row regression() {
    return row;
  }

  double meanLog() {
    return meanLog;
  }

  double limit() {
    return limit;
  }

  /// The same errors and mean around other coefficients.
  UsageRow with(CensoredRegression.Row other, double meanFactor) {
    return new UsageRow(other, offset + Math.log(meanFactor), slope, low, high, meanLog, limit);
  }

  double mean(double[] inputs, int from) {
    return Math.exp(offset + slope * CensoredRegression.dot(inputs, from, row.mean()));
  }

  UsageEstimate estimate(double[] inputs, int from) {
    double log = CensoredRegression.dot(inputs, from, row.mean());
    double deviation = Math.sqrt(row.variance(inputs, from));
    return new UsageEstimate(
        Math.exp(offset + slope * log),
        Math.exp(log + low * deviation),
        Math.exp(log + high * deviation));
  }

  float[] scales() {
    return new float[] {
      row.answers(),
      (float) row.noise(),
      (float) offset,
      (float) slope,
      (float) low,
      (float) high,
      (float) meanLog,
      (float) limit
    };
  }

  /// @param scales [m, SCALES], vectors [m, k], covariances [m, k * k]: row `i` of each
  static UsageRow of(FloatMatrix vectors, FloatMatrix covariances, FloatMatrix scales, int i) {
    return new UsageRow(
        new CensoredRegression.Row(
            doubles(vectors, i),
            doubles(covariances, i),
            scales.get(i, 1),
            Math.round(scales.get(i, 0))),
        scales.get(i, 2),
        scales.get(i, 3),
        scales.get(i, 4),
        scales.get(i, 5),
        scales.get(i, 6),
        scales.get(i, 7));
  }

  private static double[] doubles(FloatMatrix matrix, int row) {
    double[] values = new double[matrix.columns()];
    for (int k = 0; k < values.length; k++) {
      values[k] = matrix.get(row, k);
    }
    return values;
  }
}
