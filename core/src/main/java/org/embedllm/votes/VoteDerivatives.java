package org.embedllm.votes;

import java.util.List;
import org.embedllm.logistic.Gaussian;

/// Value, gradient and Hessian of the penalized loss of votes at the vectors of several models. For
/// one thread.
final class VoteDerivatives {
  /*
   *   f(x) = Σ_v −ln P(v | Δ_v) + Σ_i ½ (x_i − μ_i)ᵀ Λ_i (x_i − μ_i)
   *   Δ_v  = s (o_v + u_vᵀ x_a − u_vᵀ x_b) + β
   *
   * With y the points of the first model, E and V their mean and variance under the likelihood,
   *
   *   ∂f/∂Δ = E − y,   ∂²f/∂Δ² = V
   *
   * so a vote adds s (E − y) u to the gradient of a and subtracts it from that of b, and s² V u uᵀ to
   * the Hessian's blocks (a, a) and (b, b) and subtracts it from (a, b). f is convex.
   */
  private final VoteObservations votes;
  private final List<Gaussian> priors;
  private final int k;
  private final int size; // m k
  private final double[] gradient; // [size]
  private final double[] hessian; // [size, size], lower triangle

  VoteDerivatives(VoteObservations votes, List<Gaussian> priors) {
    this.votes = votes;
    this.priors = priors;
    this.k = votes.dimension();
    this.size = Math.multiplyExact(priors.size(), k);
    this.gradient = new double[size];
    this.hessian = new double[Math.multiplyExact(size, size)];
  }

  /// g itself, `[m k]`: overwritten by the next [#at].
  double[] gradient() {
    return gradient;
  }

  /// The lower triangle of H itself, `[m k, m k]`: overwritten by the next [#at].
  double[] hessian() {
    return hessian;
  }

  int size() {
    return size;
  }

  /// Computes all three at a point.
  ///
  /// @param x vectors, one after the other, `[m k]`
  /// @return f(x)
  double at(double[] x, VoteLikelihood likelihood) {
    double value = startFromPriors(x);
    double s = likelihood.scale();
    for (int v = 0; v < votes.count(); v++) {
      VoteObservations.Observed vote = votes.vote(v);
      VoteLikelihood.Outcomes outcomes = likelihood.outcomes(votes.difference(vote, x));
      value -= Math.log(Math.max(Double.MIN_NORMAL, outcomes.of(vote.winner())));
      double slope = s * (outcomes.points() - VoteLikelihood.points(vote.winner()));
      double curvature = s * s * outcomes.variance();
      addGradient(vote.question(), vote.first(), slope);
      addGradient(vote.question(), vote.second(), -slope);
      addHessian(vote.question(), vote.first(), vote.first(), curvature);
      addHessian(vote.question(), vote.second(), vote.second(), curvature);
      addHessian(
          vote.question(),
          Math.max(vote.first(), vote.second()),
          Math.min(vote.first(), vote.second()),
          -curvature);
    }
    return value;
  }

  private double startFromPriors(double[] x) {
    java.util.Arrays.fill(hessian, 0);
    double value = 0;
    for (int i = 0; i < priors.size(); i++) {
      double[] mean = priors.get(i).mean();
      double[] precision = priors.get(i).precision();
      int at = i * k;
      for (int c = 0; c < k; c++) {
        double sum = 0;
        for (int e = 0; e < k; e++) {
          sum += precision[c * k + e] * (x[at + e] - mean[e]);
          hessian[(at + c) * size + at + e] = precision[c * k + e];
        }
        gradient[at + c] = sum;
        value += 0.5 * sum * (x[at + c] - mean[c]);
      }
    }
    return value;
  }

  private void addGradient(int question, int model, double slope) {
    if (model == VoteObservations.FIXED) {
      return;
    }
    for (int c = 0; c < k; c++) {
      gradient[model * k + c] += slope * votes.input(question, c);
    }
  }

  private void addHessian(int question, int row, int column, double curvature) {
    if (row == VoteObservations.FIXED || column == VoteObservations.FIXED) {
      return;
    }
    for (int c = 0; c < k; c++) {
      double factor = curvature * votes.input(question, c);
      int at = (row * k + c) * size + column * k;
      int last = row == column ? c + 1 : k;
      for (int e = 0; e < last; e++) {
        hessian[at + e] += factor * votes.input(question, e);
      }
    }
  }
}
