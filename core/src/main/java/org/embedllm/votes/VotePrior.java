package org.embedllm.votes;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.embedllm.correctness.Vote;
import org.embedllm.linalg.Workers;
import org.embedllm.logistic.Gaussian;
import org.embedllm.logistic.LaplacePosterior;
import org.embedllm.tensor.FloatMatrix;

/// The prior of a model's vector in a pool from votes alone: mean 0, which is the pool's mean, one
/// variance for the constant and one for all that depends on the text.
///
/// @param constant variance of the first coordinate, positive
/// @param text variance of each other coordinate, not negative; with 0 the text has no influence
public record VotePrior(double constant, double text) {
  /*
   * The variance of the constant is empirical Bayes: the spread of the strengths of Bradley and Terry
   * plus their own uncertainty, found by alternating. The variance of the text is the one whose
   * vectors forecast votes on left-out questions best; 0 is among the choices. Empirical Bayes would
   * not reach 0: with few votes it believes in text that only fits them.
   */
  private static final int ROUNDS = 20;
  private static final int FOLDS = 4;
  private static final double LEAST_VARIANCE = 1e-4;
  private static final List<Double> CHOICES = List.of(0.1, 0.3, 1.0, 3.0);

  /// Vectors and the prior they share.
  record Fit(VotePrior prior, VoteFit fit) {}

  /// The Gaussian of a vector.
  ///
  /// @param k its length
  public Gaussian gaussian(int k) {
    double[] variances = new double[k];
    Arrays.fill(variances, Math.max(LEAST_VARIANCE * LEAST_VARIANCE, text));
    variances[0] = constant;
    return Gaussian.ofVariances(new double[k], variances);
  }

  /// Vectors relative to the pool's mean, with both variances chosen.
  ///
  /// @param inputs `[n, k]`, a constant first
  /// @param votes between models by their numbers
  static Fit fit(FloatMatrix inputs, List<Vote> votes, int models, Workers workers) {
    Fit strengths = strengths(votes, models, workers);
    VoteLikelihood likelihood = strengths.fit().likelihood();
    VotePrior best = new VotePrior(strengths.prior().constant(), 0);
    double least = leftOut(best, inputs, votes, models, likelihood, workers);
    for (double text : inputs.columns() == 1 ? List.<Double>of() : CHOICES) {
      VotePrior prior = new VotePrior(best.constant(), text);
      double loss = leftOut(prior, inputs, votes, models, likelihood, workers);
      if (loss < least) {
        least = loss;
        best = prior;
      }
    }
    VoteObservations all = VoteObservations.of(inputs, votes);
    return new Fit(
        best,
        VoteRegression.solveRelative(
            all,
            best.gaussians(models, all.dimension()),
            likelihood,
            VoteRegression.Fitted.BIAS_AND_TIES,
            workers));
  }

  /// One strength for each model.
  static Fit strengths(List<Vote> votes, int models, Workers workers) {
    FloatMatrix one = FloatMatrix.wrap(1, 1, new float[] {1});
    VoteObservations observed =
        VoteObservations.of(
            one,
            votes.stream()
                .map(v -> new Vote(0, v.modelA(), v.modelB(), v.winner(), v.judges()))
                .toList());
    VotePrior prior = new VotePrior(1, 0);
    VoteLikelihood likelihood = VoteLikelihood.PLAIN;
    for (int round = 0; round < ROUNDS; round++) {
      VoteFit fit =
          prior.solve(observed, models, likelihood, VoteRegression.Fitted.BIAS_AND_TIES, workers);
      likelihood = fit.likelihood();
      double sum = 0;
      for (LaplacePosterior vector : fit.vectors()) {
        double mean = vector.mean()[0];
        sum += (mean * mean + vector.covariance()[0]) / models;
      }
      prior = new VotePrior(Math.max(LEAST_VARIANCE, sum), 0);
    }
    return new Fit(
        prior,
        prior.solve(observed, models, likelihood, VoteRegression.Fitted.BIAS_AND_TIES, workers));
  }

  /// Log loss of the votes on questions whose votes were left out, all of them once.
  private static double leftOut(
      VotePrior prior,
      FloatMatrix inputs,
      List<Vote> votes,
      int models,
      VoteLikelihood likelihood,
      Workers workers) {
    double loss = 0;
    for (int fold = 0; fold < FOLDS; fold++) {
      int left = fold;
      VoteObservations kept =
          VoteObservations.of(
              inputs, votes.stream().filter(v -> v.question() % FOLDS != left).toList());
      VoteObservations asked =
          VoteObservations.of(
              inputs, votes.stream().filter(v -> v.question() % FOLDS == left).toList());
      VoteFit fit = prior.solve(kept, models, likelihood, VoteRegression.Fitted.VECTORS, workers);
      double[] x = new double[models * inputs.columns()];
      for (int i = 0; i < models; i++) {
        System.arraycopy(fit.vectors().get(i).mean(), 0, x, i * inputs.columns(), inputs.columns());
      }
      for (int v = 0; v < asked.count(); v++) {
        VoteObservations.Observed vote = asked.vote(v);
        double p = likelihood.outcomes(asked.difference(vote, x)).of(vote.winner());
        loss -= Math.log(Math.max(Double.MIN_NORMAL, p));
      }
    }
    return loss;
  }

  private VoteFit solve(
      VoteObservations votes,
      int models,
      VoteLikelihood likelihood,
      VoteRegression.Fitted fitted,
      Workers workers) {
    return VoteRegression.solve(
        votes, gaussians(models, votes.dimension()), likelihood, fitted, workers);
  }

  private List<Gaussian> gaussians(int models, int k) {
    return Collections.nCopies(models, gaussian(k));
  }
}
