package org.embedllm.usage;

import java.util.Arrays;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.embedllm.linalg.Cholesky;
import org.embedllm.linalg.Workers;

/// Linear regression of one model's logarithmic values on the inputs of questions, with a Gaussian
/// prior of the coefficients, where some values are lower bounds (Tobin, 1958).
final class CensoredRegression {
  /*
   * y_j = u_jᵀ x + e_j,  e_j ~ N(0, σ²),  x ~ N(m, diag(τ²))
   *
   *   Σ = (Uᵀ U / σ² + diag(1/τ²))⁻¹,   x̂ = Σ (Uᵀ y / σ² + m / τ²)
   *
   * A value that is a lower bound c counts as its expectation beyond c, and its variance there is
   * added to the residuals (EM): with a = (c − u x̂) / σ and λ = φ(a) / (1 − Φ(a)),
   *
   *   E[y | y > c] = u x̂ + σ λ,   Var[y | y > c] = σ² (1 + a λ − λ²)
   *
   * σ² is shrunk to that of the pool by as much as ten further answers would.
   */
  private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);
  private static final double POOL_ANSWERS = 10;
  private static final int ROUNDS = 8;

  private CensoredRegression() {}

  /// The inverse Mills ratio φ(a) / (1 − Φ(a)).
  static double millsRatio(double a) {
    double tail = NORMAL.survivalProbability(a);
    return tail > 1e-300 ? NORMAL.density(a) / tail : a + 1 / Math.max(1, a);
  }

  /// @param dimension k
  /// @param inputs U, [count, k] row-major
  /// @param values y, `[count]`
  /// @param bound `[count]` whether a value is a lower bound
  /// @param mean m, `[k]`
  /// @param variances τ², `[k]`, positive
  /// @param poolVariance σ² of the pool's answers, positive
  static Row fit(
      int dimension,
      double[] inputs,
      double[] values,
      boolean[] bound,
      double[] mean,
      double[] variances,
      double poolVariance) {
    int count = values.length;
    double[] gram = gram(dimension, inputs, count);
    double[] expected = values.clone();
    double[] spread = new double[count];
    double noise = poolVariance;
    double[] x = mean.clone();
    double[] covariance = new double[dimension * dimension];
    boolean any = anyTrue(bound);
    for (int round = 0; round < ROUNDS; round++) {
      double[] precision = new double[dimension * dimension];
      double[] right = new double[dimension];
      for (int k = 0; k < dimension; k++) {
        right[k] = mean[k] / variances[k];
        for (int l = 0; l < dimension; l++) {
          precision[k * dimension + l] = gram[k * dimension + l] / noise;
        }
        precision[k * dimension + k] += 1 / variances[k];
      }
      for (int j = 0; j < count; j++) {
        for (int k = 0; k < dimension; k++) {
          right[k] += inputs[j * dimension + k] * expected[j] / noise;
        }
      }
      Cholesky factor = cholesky(dimension, precision);
      x = factor.solve(right);
      covariance = factor.inverse();
      double squares = 0;
      for (int j = 0; j < count; j++) {
        double fitted = dot(inputs, j * dimension, x);
        if (bound[j]) {
          double sd = Math.sqrt(noise);
          double a = (values[j] - fitted) / sd;
          double ratio = millsRatio(a);
          expected[j] = fitted + sd * ratio;
          spread[j] = noise * Math.max(0, 1 + a * ratio - ratio * ratio);
        }
        double residual = expected[j] - fitted;
        squares += residual * residual + spread[j];
      }
      double before = noise;
      noise = (squares + POOL_ANSWERS * poolVariance) / (count + POOL_ANSWERS);
      if (!any && Math.abs(noise - before) <= 1e-6 * before) {
        break;
      }
    }
    return new Row(x, covariance, noise, count);
  }

  private static Cholesky cholesky(int size, double[] matrix) {
    try (Workers single = new Workers(1)) {
      return Cholesky.of(size, matrix, single);
    }
  }

  private static double[] gram(int k, double[] inputs, int count) {
    double[] gram = new double[k * k];
    for (int j = 0; j < count; j++) {
      for (int a = 0; a < k; a++) {
        double value = inputs[j * k + a];
        for (int b = 0; b < k; b++) {
          gram[a * k + b] += value * inputs[j * k + b];
        }
      }
    }
    return gram;
  }

  private static boolean anyTrue(boolean[] flags) {
    for (boolean flag : flags) {
      if (flag) {
        return true;
      }
    }
    return false;
  }

  static double dot(double[] inputs, int from, double[] x) {
    double sum = 0;
    for (int k = 0; k < x.length; k++) {
      sum += inputs[from + k] * x[k];
    }
    return sum;
  }

  /// The coefficients of one model.
  static final class Row {
    private final double[] mean; // [k]
    private final double[] covariance; // [k, k]
    private final double noise; // σ²
    private final int answers;

    Row(double[] mean, double[] covariance, double noise, int answers) {
      this.mean = mean;
      this.covariance = covariance;
      this.noise = noise;
      this.answers = answers;
    }

    double[] mean() {
      return mean;
    }

    double[] covariance() {
      return covariance;
    }

    double noise() {
      return noise;
    }

    int answers() {
      return answers;
    }

    /// Variance of a single answer's logarithm around its forecast.
    double variance(double[] inputs, int from) {
      int k = mean.length;
      double sum = noise;
      for (int a = 0; a < k; a++) {
        double row = 0;
        for (int b = 0; b < k; b++) {
          row += covariance[a * k + b] * inputs[from + b];
        }
        sum += inputs[from + a] * row;
      }
      return sum;
    }
  }

  static double[] filled(int count, double value) {
    double[] filled = new double[count];
    Arrays.fill(filled, value);
    return filled;
  }
}
