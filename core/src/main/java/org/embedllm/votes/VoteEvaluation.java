package org.embedllm.votes;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.embedllm.correctness.Vote;
import org.embedllm.linalg.Workers;
import org.embedllm.tensor.FloatMatrix;

/// How well votes are forecast, beside the model of Bradley and Terry without text, with ties as
/// Davidson has them.
///
/// @param votes how many
/// @param logLoss mean of −ln P(vote), by the pool
/// @param bradleyTerry the same by one strength for each model, from the training votes
/// @param low lower end of the paired 95 % interval of the difference of both, by questions
/// @param high upper end
public record VoteEvaluation(
    int votes, double logLoss, double bradleyTerry, double low, double high) {
  private static final int RESAMPLES = 2_000;

  /// @param asked votes on the questions that are measured on
  /// @param logits of the pool's models on these questions, `[n, m]`
  /// @param likelihood of the pool
  /// @param training votes to fit the baseline to
  public static VoteEvaluation of(
      List<Vote> asked,
      FloatMatrix logits,
      VoteLikelihood likelihood,
      List<Vote> training,
      long seed) {
    int m = logits.columns();
    VoteFit baseline = bradleyTerry(training, m);
    double[] own = new double[logits.rows()]; // [n], sums
    double[] other = new double[logits.rows()];
    int[] counts = new int[logits.rows()];
    for (Vote vote : asked) {
      int j = vote.question();
      own[j] -= ln(likelihood, logits.get(j, vote.modelA()) - logits.get(j, vote.modelB()), vote);
      other[j] -=
          ln(
              baseline.likelihood(),
              baseline.vectors().get(vote.modelA()).mean()[0]
                  - baseline.vectors().get(vote.modelB()).mean()[0],
              vote);
      counts[j]++;
    }
    double[] ends = interval(own, other, counts, seed);
    return new VoteEvaluation(
        asked.size(), mean(own, counts), mean(other, counts), ends[0], ends[1]);
  }

  /// One strength for each model, shrunk by empirical Bayes.
  public static VoteFit bradleyTerry(List<Vote> votes, int models) {
    try (Workers workers = new Workers(1)) {
      return VotePrior.strengths(votes, models, workers).fit();
    }
  }

  private static double ln(VoteLikelihood likelihood, double difference, Vote vote) {
    return Math.log(Math.max(Double.MIN_NORMAL, likelihood.outcomes(difference).of(vote.winner())));
  }

  private static double mean(double[] sums, int[] counts) {
    double sum = 0;
    int count = 0;
    for (int j = 0; j < sums.length; j++) {
      sum += sums[j];
      count += counts[j];
    }
    return count == 0 ? Double.NaN : sum / count;
  }

  private static double[] interval(double[] own, double[] other, int[] counts, long seed) {
    List<Integer> voted = new ArrayList<>();
    for (int j = 0; j < counts.length; j++) {
      if (counts[j] > 0) {
        voted.add(j);
      }
    }
    if (voted.size() < 2) {
      return new double[] {Double.NaN, Double.NaN};
    }
    var random = new SplittableRandom(seed);
    double[] differences = new double[RESAMPLES];
    for (int s = 0; s < RESAMPLES; s++) {
      double sum = 0;
      int count = 0;
      for (int t = 0; t < voted.size(); t++) {
        int j = voted.get(random.nextInt(voted.size()));
        sum += own[j] - other[j];
        count += counts[j];
      }
      differences[s] = sum / count;
    }
    java.util.Arrays.sort(differences);
    return new double[] {
      differences[(int) (0.025 * RESAMPLES)], differences[(int) (0.975 * RESAMPLES) - 1]
    };
  }
}
