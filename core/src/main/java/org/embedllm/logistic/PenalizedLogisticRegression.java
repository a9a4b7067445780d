package org.embedllm.logistic;

import org.embedllm.linalg.Cholesky;
import org.embedllm.linalg.DenseVectors;
import org.embedllm.linalg.Kernels;
import org.embedllm.linalg.Workers;

/// Finds a model's vector from its answers while everything else is fixed: the exact minimum of a
/// convex function ([LogisticDerivatives]), so it depends on nothing but the answers and the prior.
/// Stateless.
public final class PenalizedLogisticRegression {
  /*
   * Newton's method; a step that does not lower the function is halved. Λ is positive definite, so
   * the minimum exists and is unique, also for answers that are all right or all wrong. H⁻¹ at the
   * minimum is the covariance of Laplace's approximation.
   *
   * With λ² = gᵀ H⁻¹ g, λ is the distance to the minimum in standard deviations of the posterior.
   * Once λ is below 0.001, convergence is quadratic: two full steps bring 1e-6 and 1e-12. There the
   * function differs from its minimum by less than the rounding of its sum, so whether a step
   * lowers it would be chance.
   */
  private static final int MAX_STEPS = 100;
  private static final double NEAR = 1e-6; // λ²
  private static final double LEAST_LENGTH = 1e-8;

  private PenalizedLogisticRegression() {}

  /// Solves for a vector, starting from the prior mean.
  public static LaplacePosterior solve(LogisticObservations answers, Gaussian prior) {
    return solve(answers, prior, prior.mean());
  }

  /// Solves for a vector.
  ///
  /// @param start starting point, `[k]`: one near the solution saves time, and changes the result
  ///   by rounding only
  public static LaplacePosterior solve(
      LogisticObservations answers, Gaussian prior, double[] start) {
    var f = new LogisticDerivatives(answers, prior, Kernels.best());
    double[] x = start.clone();
    double value = f.at(x);
    try (Workers workers = new Workers(1)) {
      for (int step = 0; step < MAX_STEPS; step++) {
        double[] direction = direction(f, workers);
        double decrement = DenseVectors.dot(direction, f.gradient());
        if (decrement <= NEAR) {
          x = along(x, direction, 1);
          f.at(x);
          x = along(x, direction(f, workers), 1);
          f.at(x);
          break;
        }
        double length = 1;
        double[] next = along(x, direction, length);
        double nextValue = f.at(next);
        while (nextValue > value - 1e-4 * length * decrement && length > LEAST_LENGTH) {
          length /= 2;
          next = along(x, direction, length);
          nextValue = f.at(next);
        }
        x = next;
        value = nextValue;
      }
      return new LaplacePosterior(x, covariance(f, workers), answers.count());
    }
  }

  /// The posterior at a vector that was found with more observations, with the covariance of these
  /// alone.
  ///
  /// @param x `[k]`, taken over
  public static LaplacePosterior covariance(
      LogisticObservations answers, Gaussian prior, double[] x) {
    var f = new LogisticDerivatives(answers, prior, Kernels.best());
    f.at(x);
    try (Workers workers = new Workers(1)) {
      return new LaplacePosterior(x, covariance(f, workers), answers.count());
    }
  }

  /// H⁻¹ g.
  private static double[] direction(LogisticDerivatives f, Workers workers) {
    return Cholesky.of(f.gradient().length, f.hessian(), workers).solve(f.gradient());
  }

  private static double[] covariance(LogisticDerivatives f, Workers workers) {
    return Cholesky.of(f.gradient().length, f.hessian(), workers).inverse();
  }

  private static double[] along(double[] x, double[] direction, double length) {
    double[] next = x.clone();
    for (int i = 0; i < next.length; i++) {
      next[i] -= length * direction[i];
    }
    return next;
  }
}
