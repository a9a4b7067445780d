package org.embedllm.usage;

import org.embedllm.correctness.UsageQuantity;
import org.embedllm.tensor.FloatMatrix;

/// Forecasts of usage as answers come back one at a time. Not safe for use by several threads; the
/// same answers in the same order give the same forecasts.
public final class OnlineUsage {
  /*
   * A Kalman filter for the coefficients of each row: what was learned loses 1 in DECAY of its weight
   * with each answer, then with P the covariance, s = uᵀ P u + σ² and e = log y − uᵀ x
   *
   *   x ← x + P u e / s,   P ← P − P u uᵀ P / s,   σ² ← σ² + RATE (e² σ² / s − σ²)
   *
   * The mean follows by a factor 1 + RATE (y / mean − 1). An answer that was cut off counts as its
   * expectation beyond its length (CensoredRegression).
   */
  private static final double DECAY = 0.9995;
  private static final double RATE = 0.01;
  private static final double MOST = 5; // times the mean that one answer counts as, at most

  private UsageModel model;

  public OnlineUsage(UsageModel model) {
    this.model = model;
  }

  /// The forecasts now.
  public UsageModel model() {
    return model;
  }

  /// Takes in what one answer took; of a model or quantity that nothing is known of, nothing.
  ///
  /// @param vector `[q]` of the question
  /// @param name the model that answered
  /// @param value 0 or more
  /// @param cutOff whether the answer was cut off, so that the value is a lower bound
  public void observe(
      float[] vector, String name, UsageQuantity quantity, double value, boolean cutOff) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("usage is finite and not negative; got " + value);
    }
    int row = model.models().indexOf(name);
    model
        .row(quantity, row)
        .ifPresent(old -> {
          double[] u = model.inputs(FloatMatrix.wrap(1, vector.length, vector));
          model = model.with(quantity, row, updated(old, u, quantity, value, cutOff));
        });
  }

  private static UsageRow updated(
      UsageRow old, double[] u, UsageQuantity quantity, double value, boolean cutOff) {
    CensoredRegression.Row row = old.regression();
    int k = u.length;
    double[] covariance = row.covariance().clone();
    double[] product = new double[k]; // P u
    double spread = row.noise();
    for (int a = 0; a < k; a++) {
      for (int b = 0; b < k; b++) {
        covariance[a * k + b] /= DECAY;
        product[a] += covariance[a * k + b] * u[b];
      }
      spread += u[a] * product[a];
    }
    double error = LogScale.log(quantity, value) - CensoredRegression.dot(u, 0, row.mean());
    double deviation = Math.sqrt(spread);
    double counted = cutOff ? deviation * CensoredRegression.millsRatio(error / deviation) : error;
    double[] mean = row.mean().clone();
    for (int a = 0; a < k; a++) {
      mean[a] += product[a] * counted / spread;
      for (int b = 0; b < k; b++) {
        covariance[a * k + b] -= product[a] * product[b] / spread;
      }
    }
    double noise =
        cutOff
            ? row.noise()
            : row.noise() + RATE * (counted * counted * row.noise() / spread - row.noise());
    var moved = new CensoredRegression.Row(mean, covariance, noise, row.answers() + 1);
    double expected = old.mean(u, 0);
    double ratio = expected > 0 ? Math.min(MOST, value / expected) : 1;
    boolean less = cutOff && ratio < 1;
    double before = old.with(moved, 1).mean(u, 0) / Math.max(expected, Double.MIN_NORMAL);
    double factor = less ? 1 : 1 + RATE * (ratio / Math.max(0.1, before) - 1);
    return old.with(moved, Math.max(0.5, factor));
  }
}
