package org.embedllm.logistic;

import org.embedllm.linalg.DenseVectors;

/// Newton's method for a strictly convex function. Stateless.
public final class NewtonsMethod {
  /*
   * A step that does not lower the function is halved.
   *
   * With λ² = gᵀ H⁻¹ g, λ is the distance to the minimum in standard deviations of the posterior.
   * Once λ is below 0.001, convergence is quadratic: two full steps bring 1e-6 and 1e-12. There the
   * function differs from its minimum by less than the rounding of its sum, so whether a step
   * lowers it would be chance.
   */
  private static final int MAX_STEPS = 100;
  private static final double NEAR = 1e-6; // λ²
  private static final double LEAST_LENGTH = 1e-8;
  private static final double SUFFICIENT = 1e-4; // of the decrease that the slope promises

  private NewtonsMethod() {}

  /// The minimum, `[k]`; the function is left there.
  ///
  /// @param start `[k]`: one near the minimum saves time, and changes the result by rounding only
  public static double[] minimum(NewtonFunction f, double[] start) {
    double[] x = start.clone();
    double value = f.at(x);
    for (int step = 0; step < MAX_STEPS; step++) {
      double[] direction = f.direction();
      double decrement = DenseVectors.dot(direction, f.gradient());
      if (decrement <= NEAR) {
        x = along(x, direction, 1);
        f.at(x);
        x = along(x, f.direction(), 1);
        f.at(x);
        break;
      }
      double length = 1;
      double[] next = along(x, direction, length);
      double nextValue = f.at(next);
      while (nextValue > value - SUFFICIENT * length * decrement && length > LEAST_LENGTH) {
        length /= 2;
        next = along(x, direction, length);
        nextValue = f.at(next);
      }
      x = next;
      value = nextValue;
    }
    return x;
  }

  private static double[] along(double[] x, double[] direction, double length) {
    double[] next = x.clone();
    for (int i = 0; i < next.length; i++) {
      next[i] -= length * direction[i];
    }
    return next;
  }
}
