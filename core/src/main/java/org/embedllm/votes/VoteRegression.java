package org.embedllm.votes;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.embedllm.linalg.Cholesky;
import org.embedllm.linalg.DenseVectors;
import org.embedllm.linalg.Workers;
import org.embedllm.logistic.Gaussian;
import org.embedllm.logistic.LaplacePosterior;

/// Finds the vectors of several models together from votes between them, or of one model from votes
/// against models whose vectors are known. Stateless.
public final class VoteRegression {
  /*
   * Newton's method over all vectors at once: two models of a vote share a block of the Hessian. A
   * step that does not lower the convex function is halved. Bias, ties and scale are one more such
   * problem of three numbers while the vectors are fixed (VoteParameters); the two alternate.
   */
  private static final int MAX_STEPS = 100;
  private static final int MAX_ROUNDS = 50;
  private static final double NEAR = 1e-10; // gᵀ H⁻¹ g
  private static final double LEAST_LENGTH = 1e-8;
  private static final double SETTLED = 1e-7;
  private static final double SMALLEST_SCALE = 0.1; // the largest is its inverse
  private static final double SCALE_TOLERANCE = 0.03; // of its logarithm
  private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;

  private VoteRegression() {}

  /// What is fitted beside the vectors.
  public enum Fitted {
    /// Nothing: the likelihood is known.
    VECTORS,
    /// Position bias and ties.
    BIAS_AND_TIES,
    /// Position bias, ties, and the scale between votes and scores.
    SCALE_TOO
  }

  /// Solves for all vectors.
  ///
  /// @param priors one for each model looked for
  /// @param start where bias, ties and scale start, or what they are
  public static VoteFit solve(
      VoteObservations votes,
      List<Gaussian> priors,
      VoteLikelihood start,
      Fitted fitted,
      Workers workers) {
    return solve(votes, priors, start, fitted, false, workers);
  }

  /// Solves for all vectors of a pool, each relative to the pool's mean vector. Votes cannot tell
  /// that mean, so its uncertainty is that of the prior and would widen every interval.
  ///
  /// @param priors one for each model, all the same, of mean 0: then the mean of the vectors is 0
  /// @param start where bias, ties and scale start, or what they are
  static VoteFit solveRelative(
      VoteObservations votes,
      List<Gaussian> priors,
      VoteLikelihood start,
      Fitted fitted,
      Workers workers) {
    return solve(votes, priors, start, fitted, true, workers);
  }

  private static VoteFit solve(
      VoteObservations votes,
      List<Gaussian> priors,
      VoteLikelihood start,
      Fitted fitted,
      boolean relative,
      Workers workers) {
    var f = new VoteDerivatives(votes, priors);
    double[] x = new double[f.size()];
    int k = votes.dimension();
    for (int i = 0; i < priors.size(); i++) {
      System.arraycopy(priors.get(i).mean(), 0, x, i * k, k);
    }
    Mode mode = new Mode(x, start);
    mode =
        fitted == Fitted.SCALE_TOO
            ? scaled(f, votes, mode, workers)
            : mode(f, votes, mode, fitted, workers);
    f.at(mode.x, mode.likelihood);
    double[] inverse = Cholesky.of(f.size(), f.hessian(), workers).inverse();
    double[] covariance = relative ? relative(inverse, votes.dimension()) : inverse;
    return new VoteFit(posteriors(covariance, mode.x, votes, priors.size()), mode.likelihood);
  }

  /// Vectors, one after the other, with the likelihood at which they are the most probable.
  private static final class Mode {
    private final double[] x;
    private final VoteLikelihood likelihood;

    Mode(double[] x, VoteLikelihood likelihood) {
      this.x = x;
      this.likelihood = likelihood;
    }
  }

  private static Mode mode(
      VoteDerivatives f, VoteObservations votes, Mode start, Fitted fitted, Workers workers) {
    double[] x = start.x;
    VoteLikelihood likelihood = start.likelihood;
    for (int round = 0; round < MAX_ROUNDS; round++) {
      x = minimize(f, x, likelihood, workers);
      VoteLikelihood next =
          fitted == Fitted.VECTORS ? likelihood : VoteParameters.fit(votes, x, likelihood);
      boolean settled = next.equals(likelihood) || VoteParameters.near(next, likelihood, SETTLED);
      likelihood = next;
      if (settled) {
        break;
      }
    }
    return new Mode(x, likelihood);
  }

  /// With the scale of the largest evidence by Laplace's approximation, found by golden section.
  /// The scale that is the most probable together with the vectors is too large: the larger it is,
  /// the less the vectors have to leave their priors.
  private static Mode scaled(
      VoteDerivatives f, VoteObservations votes, Mode start, Workers workers) {
    double low = Math.log(SMALLEST_SCALE);
    double high = -low;
    double left = high - GOLDEN * (high - low);
    double right = low + GOLDEN * (high - low);
    Mode atLeft = scaled(f, votes, start, left, workers);
    Mode atRight = scaled(f, votes, atLeft, right, workers);
    double evidenceLeft = evidence(f, atLeft, workers);
    double evidenceRight = evidence(f, atRight, workers);
    while (high - low > SCALE_TOLERANCE) {
      if (evidenceLeft >= evidenceRight) {
        high = right;
        right = left;
        atRight = atLeft;
        evidenceRight = evidenceLeft;
        left = high - GOLDEN * (high - low);
        atLeft = scaled(f, votes, atRight, left, workers);
        evidenceLeft = evidence(f, atLeft, workers);
      } else {
        low = left;
        left = right;
        atLeft = atRight;
        evidenceLeft = evidenceRight;
        right = low + GOLDEN * (high - low);
        atRight = scaled(f, votes, atLeft, right, workers);
        evidenceRight = evidence(f, atRight, workers);
      }
    }
    return evidenceLeft >= evidenceRight ? atLeft : atRight;
  }

  private static Mode scaled(
      VoteDerivatives f, VoteObservations votes, Mode start, double logScale, Workers workers) {
    VoteLikelihood before = start.likelihood;
    return mode(
        f,
        votes,
        new Mode(
            start.x, new VoteLikelihood(Math.exp(logScale), before.positionBias(), before.tie())),
        Fitted.BIAS_AND_TIES,
        workers);
  }

  /// The logarithm of the evidence beside the prior N(1, ½²) of the scale, without constants.
  private static double evidence(VoteDerivatives f, Mode mode, Workers workers) {
    double value = f.at(mode.x, mode.likelihood);
    double logDeterminant = Cholesky.of(f.size(), f.hessian(), workers).logDeterminant();
    double off = mode.likelihood.scale() - 1;
    return -value - logDeterminant / 2 - 2 * off * off;
  }

  private static double[] minimize(
      VoteDerivatives f, double[] start, VoteLikelihood likelihood, Workers workers) {
    double[] x = start;
    double value = f.at(x, likelihood);
    for (int step = 0; step < MAX_STEPS; step++) {
      double[] direction = Cholesky.of(f.size(), f.hessian(), workers).solve(f.gradient());
      double decrement = DenseVectors.dot(direction, f.gradient());
      double length = 1;
      double[] next = along(x, direction, length);
      if (decrement <= NEAR) {
        return next;
      }
      double nextValue = f.at(next, likelihood);
      while (nextValue > value - 1e-4 * length * decrement && length > LEAST_LENGTH) {
        length /= 2;
        next = along(x, direction, length);
        nextValue = f.at(next, likelihood);
      }
      x = next;
      value = nextValue;
    }
    return x;
  }

  /// J C Jᵀ, where J takes the mean of all vectors from each.
  ///
  /// @param covariance C, [m k, m k]
  private static double[] relative(double[] covariance, int k) {
    int size = (int) Math.round(Math.sqrt(covariance.length));
    int m = size / k;
    double[] relative = covariance.clone();
    for (int pass = 0; pass < 2; pass++) {
      // Once over the rows, once over the columns.
      int across = pass == 0 ? size : 1;
      int along = pass == 0 ? 1 : size;
      for (int line = 0; line < size; line++) {
        for (int c = 0; c < k; c++) {
          double mean = 0;
          for (int i = 0; i < m; i++) {
            mean += relative[(i * k + c) * across + line * along] / m;
          }
          for (int i = 0; i < m; i++) {
            relative[(i * k + c) * across + line * along] -= mean;
          }
        }
      }
    }
    return relative;
  }

  /// Marginal posteriors: the blocks on the diagonal of a covariance.
  private static List<LaplacePosterior> posteriors(
      double[] inverse, double[] x, VoteObservations votes, int models) {
    int k = votes.dimension();
    int[] counts = new int[models];
    for (int v = 0; v < votes.count(); v++) {
      for (int model : List.of(votes.vote(v).first(), votes.vote(v).second())) {
        if (model != VoteObservations.FIXED) {
          counts[model]++;
        }
      }
    }
    List<LaplacePosterior> posteriors = new ArrayList<>();
    for (int i = 0; i < models; i++) {
      double[] covariance = new double[k * k];
      for (int c = 0; c < k; c++) {
        System.arraycopy(inverse, (i * k + c) * models * k + i * k, covariance, c * k, k);
      }
      posteriors.add(
          new LaplacePosterior(Arrays.copyOfRange(x, i * k, (i + 1) * k), covariance, counts[i]));
    }
    return posteriors;
  }

  private static double[] along(double[] x, double[] direction, double length) {
    double[] next = x.clone();
    for (int i = 0; i < next.length; i++) {
      next[i] -= length * direction[i];
    }
    return next;
  }
}
