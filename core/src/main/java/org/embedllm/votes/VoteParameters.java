package org.embedllm.votes;

import org.embedllm.linalg.Cholesky;
import org.embedllm.linalg.Workers;

/// Fits what votes share: position bias, ties and scale, while the vectors are fixed. Stateless.
final class VoteParameters {
  /*
   * With d the difference of the logits, the unknowns (s, β, κ = ln ν) enter −ln P linearly through
   * Δ = s d + β and κ, so the problem is convex. Weak Gaussian priors keep it definite: s ~ N(1, ½²),
   * β ~ N(0, ½²), κ ~ N(0, 2²). A parameter that is not fitted, or that no vote tells, is left out.
   */
  private static final double[] MEANS = {1, 0, 0};
  private static final double[] PRECISIONS = {4, 4, 0.25};
  private static final double LEAST_SCALE = 0.01;
  private static final int STEPS = 50;

  private VoteParameters() {}

  static boolean near(VoteLikelihood a, VoteLikelihood b, double tolerance) {
    return Math.abs(a.scale() - b.scale()) < tolerance
        && Math.abs(a.positionBias() - b.positionBias()) < tolerance
        && Math.abs(a.tie() - b.tie()) < tolerance;
  }

  /// @param x vectors of the models looked for
  static VoteLikelihood fit(
      VoteObservations votes, double[] x, VoteLikelihood start, VoteRegression.Fitted fitted) {
    if (fitted == VoteRegression.Fitted.VECTORS) {
      return start;
    }
    boolean ties = votes.hasTies();
    boolean[] free = {fitted == VoteRegression.Fitted.SCALE_TOO, true, ties};
    double[] differences = new double[votes.count()];
    for (int v = 0; v < differences.length; v++) {
      differences[v] = votes.difference(votes.vote(v), x);
    }
    double[] point = {
      start.scale(), start.positionBias(), start.tie() > 0 ? Math.log(start.tie()) : 0
    };
    for (int step = 0; step < STEPS; step++) {
      double[] next = newton(votes, differences, point, free, ties);
      double change = 0;
      for (int p = 0; p < next.length; p++) {
        change = Math.max(change, Math.abs(next[p] - point[p]));
      }
      point = next;
      if (change < 1e-10) {
        break;
      }
    }
    return likelihood(point, ties);
  }

  private static VoteLikelihood likelihood(double[] point, boolean ties) {
    return new VoteLikelihood(
        Math.max(LEAST_SCALE, point[0]), point[1], ties ? Math.exp(point[2]) : 0);
  }

  private static double[] newton(
      VoteObservations votes, double[] differences, double[] point, boolean[] free, boolean ties) {
    double[] gradient = new double[3];
    double[] hessian = new double[9];
    for (int p = 0; p < 3; p++) {
      gradient[p] = PRECISIONS[p] * (point[p] - MEANS[p]);
      hessian[p * 3 + p] = PRECISIONS[p];
    }
    VoteLikelihood likelihood = likelihood(point, ties);
    for (int v = 0; v < differences.length; v++) {
      VoteLikelihood.Outcomes outcomes = likelihood.outcomes(differences[v]);
      double slope = outcomes.points() - VoteLikelihood.points(votes.vote(v).winner());
      double tie = outcomes.tie() - (VoteLikelihood.isTie(votes.vote(v).winner()) ? 1 : 0);
      double[] by = {differences[v], 1};
      for (int p = 0; p < 2; p++) {
        gradient[p] += slope * by[p];
        for (int q = 0; q < 2; q++) {
          hessian[p * 3 + q] += outcomes.variance() * by[p] * by[q];
        }
        hessian[p * 3 + 2] += outcomes.covariance() * by[p];
        hessian[6 + p] += outcomes.covariance() * by[p];
      }
      gradient[2] += tie;
      hessian[8] += outcomes.tie() * (1 - outcomes.tie());
    }
    for (int p = 0; p < 3; p++) {
      for (int q = 0; q < 3; q++) {
        if (!free[p] || !free[q]) {
          hessian[p * 3 + q] = p == q ? 1 : 0;
        }
      }
      gradient[p] = free[p] ? gradient[p] : 0;
    }
    double[] next = point.clone();
    try (Workers workers = new Workers(1)) {
      double[] step = Cholesky.of(3, hessian, workers).solve(gradient);
      double longest = 0;
      for (double part : step) {
        longest = Math.max(longest, Math.abs(part));
      }
      for (int p = 0; p < 3; p++) {
        next[p] -= step[p] / Math.max(1, longest); // no step is longer than 1
      }
    }
    return next;
  }
}
