package org.embedllm.factorization;

import org.embedllm.linalg.Cholesky;
import org.embedllm.linalg.Workers;

/// Finds a model's vector from its answers, everything else being fixed: the exact minimum of a
/// convex function, so it depends on nothing but the answers and the prior. Stateless.
final class RowSolver {
  /*
   * x minimizes   Σ_j ω_j [ softplus(o_j + u_jᵀ x) − y_j (o_j + u_jᵀ x) ] + ½ (x − μ)ᵀ Λ (x − μ)
   *
   *   u_j [k] the input of answer j, o_j its offset, y_j in [0, 1] its score, N(μ, Λ⁻¹) the prior.
   *
   * Newton: g = −Σ ω_j (y_j − s_j) u_j + Λ (x − μ),  H = Σ ω_j s_j (1 − s_j) u_j u_jᵀ + Λ, s_j = sigmoid(...).
   * A step that does not lower the function is halved. Λ is positive definite, so the minimum exists
   * and is unique, also for answers that are all right or all wrong. H⁻¹ at the minimum is the
   * covariance of Laplace's approximation.
   */
  private static final int MAX_STEPS = 100;
  private static final double TOLERANCE = 1e-11;

  private RowSolver() {}

  /// Solves for a vector without offsets, from the prior mean.
  static RowPosterior solve(double[] inputs, double[] scores, Gaussian prior) {
    return solve(inputs, new double[scores.length], scores, prior);
  }

  /// Solves for a vector.
  ///
  /// @param inputs u, [n, k], row-major
  /// @param offsets o, [n]
  /// @param scores y, [n], in [0, 1]
  static RowPosterior solve(double[] inputs, double[] offsets, double[] scores, Gaussian prior) {
    double[] weights = new double[scores.length];
    java.util.Arrays.fill(weights, 1);
    return solve(inputs, offsets, scores, weights, prior);
  }

  /// Solves for a vector where each answer counts with a weight.
  ///
  /// @param weights ω, [n], not negative
  static RowPosterior solve(
      double[] inputs, double[] offsets, double[] scores, double[] weights, Gaussian prior) {
    int k = prior.dimension();
    if (inputs.length != scores.length * k || offsets.length != scores.length) {
      throw new IllegalArgumentException(
          "%d inputs and %d offsets do not fit %d scores and vectors of %d"
              .formatted(inputs.length, offsets.length, scores.length, k));
    }
    double[] x = prior.mean();
    double[] gradient = new double[k];
    double[] hessian = new double[k * k];
    double value = derivatives(inputs, offsets, scores, weights, prior, x, gradient, hessian);
    try (Workers workers = new Workers(1)) {
      for (int step = 0; step < MAX_STEPS; step++) {
        double[] direction = Cholesky.of(k, hessian, workers).solve(gradient);
        double decrement = dot(direction, gradient);
        if (decrement <= TOLERANCE) {
          // One more full step: quadratic convergence makes the rest of the error invisible.
          subtract(x, direction, 1);
          derivatives(inputs, offsets, scores, weights, prior, x, gradient, hessian);
          break;
        }
        double length = 1;
        double[] next = x.clone();
        subtract(next, direction, length);
        double nextValue =
            derivatives(inputs, offsets, scores, weights, prior, next, gradient, hessian);
        while (nextValue > value - 1e-4 * length * decrement && length > 1e-8) {
          length /= 2;
          next = x.clone();
          subtract(next, direction, length);
          nextValue = derivatives(inputs, offsets, scores, weights, prior, next, gradient, hessian);
        }
        x = next;
        value = nextValue;
      }
      double[] covariance = Cholesky.of(k, hessian, workers).inverse();
      return new RowPosterior(x, covariance, scores.length);
    }
  }

  /// A vector that was found with more than these answers, with the covariance that they alone
  /// give.
  ///
  /// @param inputs u, [n, k], row-major
  /// @param scores y, [n], in [0, 1]
  /// @param x [k], taken over
  static RowPosterior covariance(double[] inputs, double[] scores, Gaussian prior, double[] x) {
    int k = prior.dimension();
    double[] weights = new double[scores.length];
    java.util.Arrays.fill(weights, 1);
    double[] hessian = new double[k * k];
    derivatives(
        inputs, new double[scores.length], scores, weights, prior, x, new double[k], hessian);
    try (Workers workers = new Workers(1)) {
      return new RowPosterior(x, Cholesky.of(k, hessian, workers).inverse(), scores.length);
    }
  }

  /// The function's value, its gradient and its Hessian (both triangles).
  static double derivatives(
      double[] inputs,
      double[] offsets,
      double[] scores,
      double[] weights,
      Gaussian prior,
      double[] x,
      double[] gradient,
      double[] hessian) {
    int k = x.length;
    double[] mean = prior.mean();
    double[] precision = prior.precision();
    double value = 0;
    for (int i = 0; i < k; i++) {
      double sum = 0;
      for (int j = 0; j < k; j++) {
        sum += precision[i * k + j] * (x[j] - mean[j]);
      }
      gradient[i] = sum;
      value += 0.5 * sum * (x[i] - mean[i]);
    }
    System.arraycopy(precision, 0, hessian, 0, hessian.length);
    for (int j = 0; j < scores.length; j++) {
      double logit = offsets[j];
      int from = j * k;
      for (int i = 0; i < k; i++) {
        logit += inputs[from + i] * x[i];
      }
      double probability = 1 / (1 + Math.exp(-logit));
      value += weights[j] * (softplus(logit) - scores[j] * logit);
      double residual = weights[j] * (probability - scores[j]);
      double weight = weights[j] * probability * (1 - probability);
      for (int i = 0; i < k; i++) {
        double input = inputs[from + i];
        gradient[i] += residual * input;
        double scaled = weight * input;
        int row = i * k;
        for (int l = 0; l <= i; l++) {
          hessian[row + l] += scaled * inputs[from + l];
        }
      }
    }
    for (int i = 0; i < k; i++) {
      for (int l = 0; l < i; l++) {
        hessian[l * k + i] = hessian[i * k + l];
      }
    }
    return value;
  }

  private static double softplus(double x) {
    return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static void subtract(double[] x, double[] direction, double length) {
    for (int i = 0; i < x.length; i++) {
      x[i] -= length * direction[i];
    }
  }
}
