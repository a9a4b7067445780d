package org.embedllm.votes;

import org.embedllm.correctness.Vote;
import org.embedllm.linalg.Cholesky;
import org.embedllm.linalg.Workers;

/// Fits what votes share: position bias and ties, while the vectors and the scale are fixed.
/// Stateless.
final class VoteParameters {
  /*
   * With d the difference of the logits, the unknowns (β, κ = ln ν) enter −ln P linearly through
   * Δ = s d + β and κ, so the problem is convex. Weak Gaussian priors keep it definite: β ~ N(0, ½²),
   * κ ~ N(0, 2²). κ is left out where votes have no ties.
   */
  private static final double[] PRECISIONS = {4, 0.25};
  private static final int STEPS = 50;

  private VoteParameters() {}

  static boolean near(VoteLikelihood a, VoteLikelihood b, double tolerance) {
    return Math.abs(a.positionBias() - b.positionBias()) < tolerance
        && Math.abs(a.tie() - b.tie()) < tolerance;
  }

  /// @param x vectors of the models looked for
  static VoteLikelihood fit(VoteObservations votes, double[] x, VoteLikelihood start) {
    boolean ties = votes.hasTies();
    double[] differences = new double[votes.count()];
    for (int v = 0; v < differences.length; v++) {
      differences[v] = votes.difference(votes.vote(v), x);
    }
    double[] point = {start.positionBias(), start.tie() > 0 ? Math.log(start.tie()) : 0};
    for (int step = 0; step < STEPS; step++) {
      double[] next = newton(votes, differences, point, start.scale(), ties);
      double change = Math.max(Math.abs(next[0] - point[0]), Math.abs(next[1] - point[1]));
      point = next;
      if (change < 1e-10) {
        break;
      }
    }
    return likelihood(point, start.scale(), ties);
  }

  private static VoteLikelihood likelihood(double[] point, double scale, boolean ties) {
    return new VoteLikelihood(scale, point[0], ties ? Math.exp(point[1]) : 0);
  }

  private static double[] newton(
      VoteObservations votes, double[] differences, double[] point, double scale, boolean ties) {
    double[] gradient = {PRECISIONS[0] * point[0], PRECISIONS[1] * point[1]};
    double[] hessian = {PRECISIONS[0], 0, 0, PRECISIONS[1]};
    VoteLikelihood likelihood = likelihood(point, scale, ties);
    for (int v = 0; v < differences.length; v++) {
      VoteLikelihood.Outcomes outcomes = likelihood.outcomes(differences[v]);
      Vote.Winner winner = votes.vote(v).winner();
      gradient[0] += outcomes.points() - VoteLikelihood.points(winner);
      gradient[1] += outcomes.tie() - (VoteLikelihood.isTie(winner) ? 1 : 0);
      hessian[0] += outcomes.variance();
      hessian[2] += outcomes.covariance();
      hessian[3] += outcomes.tie() * (1 - outcomes.tie());
    }
    if (!ties) {
      gradient[1] = 0;
      hessian[2] = 0;
      hessian[3] = 1;
    }
    try (Workers workers = new Workers(1)) {
      double[] step = Cholesky.of(2, hessian, workers).solve(gradient);
      double longest = Math.max(Math.abs(step[0]), Math.abs(step[1]));
      double length = 1 / Math.max(1, longest); // no step is longer than 1
      return new double[] {point[0] - length * step[0], point[1] - length * step[1]};
    }
  }
}
