package org.embedllm.logistic;

import java.util.Arrays;
import org.embedllm.linalg.Cholesky;
import org.embedllm.linalg.Kernels;
import org.embedllm.linalg.Workers;

/// Value, gradient and Hessian of a penalized logistic loss at a point. The buffers are used again
/// for the next point. For one thread.
final class LogisticDerivatives implements NewtonFunction {
  /*
   *   f(x) = Σ_j ω_j [ softplus(z_j) − y_j z_j ] + ½ (x − μ)ᵀ Λ (x − μ),   z_j = o_j + u_jᵀ x
   *   g    = Σ_j ω_j (s_j − y_j) u_j + Λ (x − μ),                         s_j = sigmoid(z_j)
   *   H    = Σ_j ω_j s_j (1 − s_j) u_j u_jᵀ + Λ
   *
   * Value and gradient are summed in double: they say where the minimum is. H only leads there, and
   * its sum is nearly all of the work, n k² operations. It is a matrix product, Uᵀ (diag(ω s (1 −
   * s)) U), taken in float over 256 answers and in double over those sums, so it is right to about
   * 1e-6. Sums over a row's k numbers process four observations at once, since a single sum would
   * wait for its own result.
   */
  private static final int BLOCK = 256;
  private static final int LANES = 16; // columns are padded to whole vectors of any width

  private final LogisticObservations answers;
  private final Gaussian prior;
  private final Kernels kernels;
  private final int k;
  private final int padded; // k, rounded up to whole vectors
  private final double[] gradient; // [k]
  private final double[] hessian; // [k, k], both triangles
  private final double[] logits = new double[BLOCK];
  private final double[] residuals = new double[BLOCK]; // ω (s − y)
  private final float[] curvatures = new float[BLOCK]; // ω s (1 − s)
  private final float[] scaled; // diag(ω s (1 − s)) U of a block, [BLOCK, padded]
  private final float[] product; // [k, padded]
  private double value;

  LogisticDerivatives(LogisticObservations answers, Gaussian prior, Kernels kernels) {
    this.answers = answers;
    this.prior = prior;
    this.kernels = kernels;
    this.k = prior.dimension();
    this.padded = Math.ceilDiv(k, LANES) * LANES;
    this.gradient = new double[k];
    this.hessian = new double[k * k];
    this.scaled = new float[BLOCK * padded];
    this.product = new float[k * padded];
    if (answers.dimension() != k) {
      throw new IllegalArgumentException(
          "answers of %d numbers do not fit vectors of %d".formatted(answers.dimension(), k));
    }
  }

  @Override
  public double[] gradient() {
    return gradient;
  }

  /// H itself, [k, k], both triangles: overwritten by the next [#at].
  double[] hessian() {
    return hessian;
  }

  @Override
  public double[] direction() {
    return factor().solve(gradient);
  }

  @Override
  public double[] covariance() {
    return factor().inverse();
  }

  private Cholesky factor() {
    try (Workers workers = new Workers(1)) {
      return Cholesky.of(k, hessian, workers);
    }
  }

  @Override
  public double at(double[] x) {
    startFromPrior(x);
    int n = answers.count();
    for (int from = 0; from < n; from += BLOCK) {
      int rows = Math.min(BLOCK, n - from);
      logits(x, from, rows);
      losses(from, rows);
      addGradient(from, rows);
      addHessian(from, rows);
    }
    for (int i = 0; i < k; i++) {
      for (int l = 0; l < i; l++) {
        hessian[l * k + i] = hessian[i * k + l];
      }
    }
    return value;
  }

  private void startFromPrior(double[] x) {
    double[] mean = prior.mean();
    double[] precision = prior.precision();
    value = 0;
    for (int i = 0; i < k; i++) {
      double sum = 0;
      for (int l = 0; l < k; l++) {
        sum += precision[i * k + l] * (x[l] - mean[l]);
      }
      gradient[i] = sum;
      value += 0.5 * sum * (x[i] - mean[i]);
    }
    System.arraycopy(precision, 0, hessian, 0, hessian.length);
  }

  private void logits(double[] x, int from, int rows) {
    float[] u = answers.inputs();
    int j = 0;
    for (; j + 4 <= rows; j += 4) {
      int at = (from + j) * k;
      double z0 = 0;
      double z1 = 0;
      double z2 = 0;
      double z3 = 0;
      for (int i = 0; i < k; i++) {
        double xi = x[i];
        z0 += u[at + i] * xi;
        z1 += u[at + k + i] * xi;
        z2 += u[at + 2 * k + i] * xi;
        z3 += u[at + 3 * k + i] * xi;
      }
      logits[j] = z0;
      logits[j + 1] = z1;
      logits[j + 2] = z2;
      logits[j + 3] = z3;
    }
    for (; j < rows; j++) {
      int at = (from + j) * k;
      double z = 0;
      for (int i = 0; i < k; i++) {
        z += u[at + i] * x[i];
      }
      logits[j] = z;
    }
  }

  /// Adds to the value; leaves residuals and curvatures.
  private void losses(int from, int rows) {
    for (int j = 0; j < rows; j++) {
      double z = answers.offset(from + j) + logits[j];
      double y = answers.score(from + j);
      double weight = answers.weight(from + j);
      double tail = Math.exp(-Math.abs(z));
      double upper = 1 / (1 + tail); // sigmoid(|z|), between ½ and 1
      double s = z >= 0 ? upper : tail * upper;
      value += weight * (Math.max(z, 0) - Math.log(upper) - y * z);
      residuals[j] = weight * (s - y);
      curvatures[j] = (float) (weight * tail * upper * upper);
    }
  }

  private void addGradient(int from, int rows) {
    float[] u = answers.inputs();
    int j = 0;
    for (; j + 4 <= rows; j += 4) {
      int at = (from + j) * k;
      double r0 = residuals[j];
      double r1 = residuals[j + 1];
      double r2 = residuals[j + 2];
      double r3 = residuals[j + 3];
      for (int i = 0; i < k; i++) {
        gradient[i] +=
            r0 * u[at + i] + r1 * u[at + k + i] + r2 * u[at + 2 * k + i] + r3 * u[at + 3 * k + i];
      }
    }
    for (; j < rows; j++) {
      int at = (from + j) * k;
      for (int i = 0; i < k; i++) {
        gradient[i] += residuals[j] * u[at + i];
      }
    }
  }

  private void addHessian(int from, int rows) {
    float[] u = answers.inputs();
    for (int j = 0; j < rows; j++) {
      int at = (from + j) * k;
      float curvature = curvatures[j];
      for (int i = 0; i < k; i++) {
        scaled[j * padded + i] = curvature * u[at + i];
      }
    }
    Arrays.fill(product, 0);
    kernels.multiplyAdd(k, padded, rows, u, from * k, 1, k, scaled, 0, padded, product, 0, padded);
    for (int i = 0; i < k; i++) {
      for (int l = 0; l <= i; l++) {
        hessian[i * k + l] += product[i * padded + l];
      }
    }
  }
}
