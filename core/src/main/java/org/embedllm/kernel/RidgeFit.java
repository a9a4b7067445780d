package org.embedllm.kernel;

import java.util.Arrays;

/// Kernel ridge regressions of d targets on the same landmarks, each with the λ that leave-one-out
/// error chose.
final class RidgeFit {
  private static final double CHANCE = 4; // n times a squared correlation that chance seldom gives

  private final int questions; // n
  private final int landmarks; // r
  private final int dimension; // d
  private final double[] means; // of the targets, [d]
  private final double[] weights; // α [d, r]
  private final double[] intercepts; // [d]
  private final double[] leftOut; // [n, d]
  private final double[] ridges; // [d]
  private final double[] errors; // [d]
  private final double[] explained; // [d]

  private RidgeFit(Builder from) {
    this.questions = from.questions;
    this.landmarks = from.landmarks;
    this.dimension = from.ridges.length;
    this.means = from.means;
    this.weights = from.weights;
    this.intercepts = from.intercepts;
    this.leftOut = from.leftOut;
    this.ridges = from.ridges;
    this.errors = from.errors;
    this.explained = from.explained;
  }

  /// d.
  int dimension() {
    return dimension;
  }

  /// α of a target at a landmark. A forecast is `intercept + α k(x)` with the raw kernel.
  double weight(int target, int landmark) {
    return weights[target * landmarks + landmark];
  }

  double intercept(int target) {
    return intercepts[target];
  }

  /// Mean of a target.
  double mean(int target) {
    return means[target];
  }

  /// The prediction for a training question by a fit without it.
  double leftOut(int question, int target) {
    return leftOut[question * dimension + target];
  }

  /// The chosen λ.
  double ridge(int target) {
    return ridges[target];
  }

  /// The mean squared leave-one-out error.
  double error(int target) {
    return errors[target];
  }

  /// The share of a target's variance that leave-one-out predictions explain; negative where they
  /// are worse than its mean.
  double explained(int target) {
    return explained[target];
  }

  /// Whether text tells a target: leave-one-out predictions explain more of it than chance does.
  ///
  /// The squared correlation of unrelated values is 1 / n on average, and above 4 / n for one
  /// positive correlation in fifty. Below that, forecasts may run against the values by chance, and
  /// a model's vector would learn that sign.
  boolean tells(int target) {
    return explained[target] * questions > CHANCE;
  }

  /// Keeps the best fit of each target while ridges are tried; for use by several threads, each
  /// with targets of its own. Used up by `build`.
  static final class Builder {
    private final int questions;
    private final int landmarks;
    private final double[] means;
    private final double[] weights;
    private final double[] intercepts;
    private final double[] leftOut;
    private final double[] ridges;
    private final double[] errors;
    private final double[] explained;

    /// @param means of the targets, `[d]`
    Builder(KernelMatrix kernel, double[] means) {
      int dimension = means.length;
      this.means = means;
      this.questions = kernel.rows();
      this.landmarks = kernel.columns();
      this.weights = new double[dimension * landmarks];
      this.intercepts = new double[dimension];
      this.leftOut = new double[questions * dimension];
      this.ridges = new double[dimension];
      this.errors = new double[dimension];
      this.explained = new double[dimension];
      Arrays.fill(errors, Double.POSITIVE_INFINITY);
    }

    /// The smallest error of a target so far.
    double error(int target) {
      return errors[target];
    }

    /// Takes a better fit of one target.
    ///
    /// @param alpha α, `[r]`
    /// @param predictions `[n]` by fits without the question
    void improve(
        int target,
        double ridge,
        double error,
        double explains,
        double[] alpha,
        double intercept,
        double[] predictions) {
      ridges[target] = ridge;
      errors[target] = error;
      explained[target] = explains;
      intercepts[target] = intercept;
      System.arraycopy(alpha, 0, weights, target * landmarks, landmarks);
      for (int j = 0; j < questions; j++) {
        leftOut[j * ridges.length + target] = predictions[j];
      }
    }

    RidgeFit build() {
      return new RidgeFit(this);
    }
  }
}
