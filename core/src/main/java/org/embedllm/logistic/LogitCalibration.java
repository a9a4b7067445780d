package org.embedllm.logistic;

/// Scale and shift that make the probabilities of logits calibrated: `scale * logit + shift`, the
/// same for all models (Platt, 1999).
///
/// @param scale positive
/// @param shift in logits
public record LogitCalibration(double scale, double shift) {
  /// Leaves logits as they are.
  public static final LogitCalibration NONE = new LogitCalibration(1, 0);

  private static final double PRIOR_SPREAD = 0.1;

  public LogitCalibration {
    if (!(scale > 0)) {
      throw new IllegalArgumentException("a calibration's scale must be positive; got " + scale);
    }
  }

  /// The maximum a posteriori calibration of some logits and scores; the prior is [#NONE] with a
  /// standard deviation of 0.1 for both numbers.
  ///
  /// @param logits `[n]`
  /// @param scores `[n]`, in [0, 1]
  public static LogitCalibration fit(double[] logits, double[] scores) {
    float[] inputs = new float[logits.length * 2];
    for (int j = 0; j < logits.length; j++) {
      inputs[2 * j] = (float) logits[j];
      inputs[2 * j + 1] = 1;
    }
    double variance = PRIOR_SPREAD * PRIOR_SPREAD;
    Gaussian prior = Gaussian.ofVariances(new double[] {1, 0}, new double[] {variance, variance});
    double[] solved =
        PenalizedLogisticRegression.solve(LogisticObservations.of(2, inputs, scores), prior).mean();
    return solved[0] > 0 ? new LogitCalibration(solved[0], solved[1]) : NONE;
  }
}
