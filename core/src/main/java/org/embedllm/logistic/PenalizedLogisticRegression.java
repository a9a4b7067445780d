package org.embedllm.logistic;

import org.embedllm.linalg.Kernels;

/// Finds a model's vector from its answers while everything else is fixed: the exact minimum of a
/// convex function ([LogisticDerivatives]), so it depends on nothing but the answers and the prior.
/// Λ is positive definite, so the minimum exists and is unique, also for answers that are all right
/// or all wrong. H⁻¹ at the minimum is the covariance of Laplace's approximation. Stateless.
public final class PenalizedLogisticRegression {
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
    double[] x = NewtonsMethod.minimum(f, start);
    return new LaplacePosterior(x, f.covariance(), answers.count());
  }

  /// The posterior at a vector that was found with more observations, with the covariance of these
  /// alone.
  ///
  /// @param x `[k]`, taken over
  public static LaplacePosterior covariance(
      LogisticObservations answers, Gaussian prior, double[] x) {
    var f = new LogisticDerivatives(answers, prior, Kernels.best());
    f.at(x);
    return new LaplacePosterior(x, f.covariance(), answers.count());
  }
}
