package org.embedllm.factorization;

import java.util.Arrays;
import org.embedllm.linalg.Cholesky;
import org.embedllm.linalg.Workers;
import org.embedllm.tensor.FloatMatrix;

/// How far a question lies from the training questions, and what that does to a forecast: the
/// posterior variance of a Gaussian process, 0 on well-trodden ground, 1 where nothing is known.
/// Immutable.
public final class Novelty {
  /*
   * The kernel ridge regression of a component is the posterior mean of a Gaussian process with
   * prior variance S k(x, x) = S and noise σ² = λ S. With the kernel of the first s landmarks alone,
   *
   *   ν(x) = 1 − k_xᵀ [ (Z_s + ε I)⁻¹ − (Z_s + ε I + G_s / λ)⁻¹ ] k_x,   G_s = Kᵀ K over training,
   *
   * and the component's forecast has the variance S ν(x) (Quiñonero-Candela and Rasmussen, 2005,
   * fully independent training conditional). Fewer landmarks than the tower has make ν larger, never
   * smaller: the interval errs to the wide side, and costs s² multiplications.
   */
  private static final int LANDMARKS = 256;
  private static final int SAMPLE = 2_000;
  private static final double FAR_QUANTILE = 0.995;

  private final FloatMatrix matrix; // [s, s]
  private final FloatMatrix variances; // S by coordinate of the projected question, [1, d]
  private final double farFrom;

  private Novelty(FloatMatrix matrix, FloatMatrix variances, double farFrom) {
    this.matrix = matrix;
    this.variances = variances;
    this.farFrom = farFrom;
    if (matrix.rows() != matrix.columns() || variances.rows() != 1) {
      throw new IllegalArgumentException(
          "%s and %s are no matrix of novelty and its variances".formatted(matrix, variances));
    }
  }

  /// As it was kept.
  ///
  /// @param matrix [s, s]
  /// @param variances [1, d]
  /// @param farFrom novelty from which on a question lies far from all training questions
  public static Novelty of(FloatMatrix matrix, FloatMatrix variances, double farFrom) {
    return new Novelty(matrix, variances, farFrom);
  }

  /// @param kernel K, [n, r]
  /// @param landmarkKernel Z, [r, r]
  /// @param ridge λ
  static Novelty of(
      FloatMatrix kernel,
      FloatMatrix landmarkKernel,
      double ridge,
      double jitter,
      FloatMatrix variances,
      Workers workers) {
    int n = kernel.rows();
    int r = kernel.columns();
    int s = Math.min(LANDMARKS, r);
    double[] prior = new double[s * s];
    double[] posterior = new double[s * s];
    float[] k = kernel.sharedArray();
    workers.run(
        s,
        i -> {
          for (int j = 0; j < n; j++) {
            double value = k[j * r + i];
            for (int l = 0; l <= i; l++) {
              posterior[i * s + l] += value * k[j * r + l];
            }
          }
        });
    for (int i = 0; i < s; i++) {
      for (int l = 0; l <= i; l++) {
        double value = landmarkKernel.get(i, l) + (i == l ? jitter : 0);
        prior[i * s + l] = value;
        posterior[i * s + l] = value + posterior[i * s + l] / ridge;
      }
    }
    double[] a = Cholesky.of(s, prior, workers).inverse();
    double[] b = Cholesky.of(s, posterior, workers).inverse();
    float[] difference = new float[s * s];
    for (int i = 0; i < difference.length; i++) {
      difference[i] = (float) (a[i] - b[i]);
    }
    Novelty open = new Novelty(FloatMatrix.wrap(s, s, difference), variances, 1);
    int step = Math.max(1, n / SAMPLE);
    double[] sample = new double[(n + step - 1) / step];
    workers.run(
        sample.length,
        at -> sample[at] = open.of(Arrays.copyOfRange(k, at * step * r, at * step * r + r)));
    Arrays.sort(sample);
    double high = sample[(int) Math.floor(FAR_QUANTILE * (sample.length - 1))];
    return new Novelty(open.matrix, variances, high + (1 - high) / 2);
  }

  /// [s, s].
  public FloatMatrix matrix() {
    return matrix;
  }

  /// S by coordinate of the projected question, [1, d].
  public FloatMatrix variances() {
    return variances;
  }

  /// Novelty from which on a question lies far from all training questions.
  public double farFrom() {
    return farFrom;
  }

  /// ν of a question.
  ///
  /// @param features its kernel with the landmarks, [r]
  /// @return in [0, 1]
  double of(float[] features) {
    int s = matrix.rows();
    float[] values = matrix.sharedArray();
    double sum = 0;
    for (int i = 0; i < s; i++) {
      double row = 0;
      for (int l = 0; l < i; l++) {
        row += values[i * s + l] * (double) features[l];
      }
      sum += features[i] * (2 * row + values[i * s + i] * (double) features[i]);
    }
    return Math.clamp(1 - sum, 0.0, 1.0);
  }
}
