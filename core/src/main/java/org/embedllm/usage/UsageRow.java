package org.embedllm.usage;

import org.embedllm.tensor.FloatMatrix;

/// One model's forecast of one quantity. Immutable.
///
/// With u [k] the inputs of a question, the logarithm of the quantity is `uᵀ x` with variance
/// `σ² + uᵀ Σ u`; the interval lies between two quantiles of the standardized errors, and the mean
/// is `exp(offset + slope · uᵀ x)`, which gives the sum of the quantity over many questions.
final class UsageRow {
  /// Columns of a stored row behind vector and covariance: answers, σ², offset, slope, low, high.
  static final int SCALES = 6;

  private final CensoredRegression.Row row;
  private final double offset;
  private final double slope;
  private final double low; // quantiles of standardized errors
  private final double high;

  UsageRow(CensoredRegression.Row row, double offset, double slope, double low, double high) {
    this.row = row;
    this.offset = offset;
    this.slope = slope;
    this.low = low;
    this.high = high;
  }

  CensoredRegression.Row regression() {
    return row;
  }

  double offset() {
    return offset;
  }

  double slope() {
    return slope;
  }

  double low() {
    return low;
  }

  double high() {
    return high;
  }

  /// The same errors and mean around other coefficients.
  UsageRow with(CensoredRegression.Row other, double meanFactor) {
    return new UsageRow(other, offset + Math.log(meanFactor), slope, low, high);
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
      row.answers(), (float) row.noise(), (float) offset, (float) slope, (float) low, (float) high
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
        scales.get(i, 5));
  }

  private static double[] doubles(FloatMatrix matrix, int row) {
    double[] values = new double[matrix.columns()];
    for (int k = 0; k < values.length; k++) {
      values[k] = matrix.get(row, k);
    }
    return values;
  }
}
