package org.embedllm.linalg;

/// The scalars of one step of Adam.
///
/// @param beta1 decay of the first moment
/// @param keep1 `1 − beta1`, rounded once
/// @param beta2 decay of the second moment
/// @param keep2 `1 − beta2`, rounded once
/// @param epsilon added to the root of the second moment
/// @param weightDecay times the parameter is added to the gradient
/// @param rate learning rate divided by `1 − beta1^t`
/// @param rootCorrection `1 / sqrt(1 − beta2^t)`
public record AdamStep(
    float beta1,
    float keep1,
    float beta2,
    float keep2,
    float epsilon,
    float weightDecay,
    float rate,
    float rootCorrection) {
  /// The scalars of step t, with β 0.9 and 0.999 and ε 1e-8.
  ///
  /// @param t step, counted from 1
  public static AdamStep of(long t, double learningRate, double weightDecay) {
    return new AdamStep(
        0.9f,
        0.1f,
        0.999f,
        0.001f,
        1e-8f,
        (float) weightDecay,
        (float) (learningRate / (1 - StrictMath.pow(0.9, (double) t))),
        (float) (1 / Math.sqrt(1 - StrictMath.pow(0.999, (double) t))));
  }
}
