package org.embedllm.logistic;

/// A strictly convex function of k numbers with its derivatives at the point asked for last. For
/// one thread.
public interface NewtonFunction {
  /// Computes the value and both derivatives at a point.
  ///
  /// @param x `[k]`, not modified
  /// @return f(x)
  double at(double[] x);

  /// g itself, `[k]`: overwritten by the next [#at].
  double[] gradient();

  /// Newton's direction H⁻¹ g, `[k]`, as a new array.
  double[] direction();

  /// H⁻¹, [k, k], as a new array.
  double[] covariance();
}
