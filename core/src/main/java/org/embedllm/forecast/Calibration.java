package org.embedllm.forecast;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// How far forecast probabilities are from the observed scores: the expected calibration error over
/// bins of equal count (Naeini et al., 2015; Nguyen and O'Connor, 2015).
///
/// Cells are sorted stably by probability and cut into [#BINS] bins whose sizes differ by at most
/// one, the larger ones first. The error is `Σ (n_bin / n) |mean p − mean y|`.
///
/// @param error the expected calibration error
/// @param errorIfPerfect its mean when every answer is drawn from its own forecast: the error by
///   chance on this many cells
/// @param bins the reliability diagram, by rising probability
public record Calibration(double error, double errorIfPerfect, List<Bin> bins) {
  /// The number of bins.
  public static final int BINS = 15;

  private static final int SIMULATIONS = 200; // at most
  private static final int SIMULATED_CELLS = 5_000_000; // over all simulations, about

  public Calibration {
    bins = List.copyOf(bins);
  }

  /// A bin of the reliability diagram.
  ///
  /// @param cells number of cells in it
  /// @param meanProbability mean forecast
  /// @param meanScore mean observed score
  /// @param interval 95 % interval of the mean score: Wilson's, for the cells divided by their
  ///   design effect (Kish, 1965), since models are right and wrong together on a question
  public record Bin(int cells, double meanProbability, double meanScore, Interval interval) {}

  /// @param probabilities `[cells]` in [0, 1]
  /// @param scores `[cells]` in [0, 1]
  /// @param questions `[cells]` the question each cell answers
  /// @param seed of the simulated perfect forecaster
  public static Calibration of(float[] probabilities, float[] scores, int[] questions, long seed) {
    int n = probabilities.length;
    int[] order =
        IntStream.range(0, n)
            .boxed()
            .sorted(Comparator.comparingDouble(c -> probabilities[c]))
            .mapToInt(Integer::intValue)
            .toArray();
    float[] sortedProbabilities = new float[n];
    float[] sortedScores = new float[n];
    int[] sortedQuestions = new int[n];
    for (int rank = 0; rank < n; rank++) {
      sortedProbabilities[rank] = probabilities[order[rank]];
      sortedScores[rank] = scores[order[rank]];
      sortedQuestions[rank] = questions[order[rank]];
    }
    List<Mean> means = means(sortedProbabilities, sortedScores);
    int simulations = Math.clamp(SIMULATED_CELLS / Math.max(1, n), 10, SIMULATIONS);
    double simulated =
        IntStream.range(0, simulations)
            .parallel()
            .mapToDouble(s -> simulatedError(sortedProbabilities, seed + s))
            .sequential()
            .sum();
    return new Calibration(
        error(means, n),
        n == 0 ? Double.NaN : simulated / simulations,
        means.stream().map(mean -> mean.bin(sortedScores, sortedQuestions)).toList());
  }

  private static double simulatedError(float[] probabilities, long seed) {
    SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + 1);
    float[] outcomes = new float[probabilities.length];
    for (int c = 0; c < outcomes.length; c++) {
      outcomes[c] = random.nextDouble() < probabilities[c] ? 1f : 0f;
    }
    return error(means(probabilities, outcomes), outcomes.length);
  }

  /// Cells of ranks `from` to `to`, the latter not included.
  private record Mean(int from, int to, double probability, double score) {
    int cells() {
      return to - from;
    }

    Bin bin(float[] scores, int[] questions) {
      return new Bin(
          cells(), probability, score, Interval.ofShare(score, trials(scores, questions)));
    }

    /// The effective number of independent answers: the cells times the ratio of the variance of
    /// their mean for independent cells to that for whole questions. Where all scores are the same
    /// there is no such ratio, and a question counts once.
    private double trials(float[] scores, int[] questions) {
      Map<Integer, Double> together = new HashMap<>();
      double alone = 0;
      for (int c = from; c < to; c++) {
        double off = scores[c] - score;
        together.merge(questions[c], off, Double::sum);
        alone += off * off;
      }
      double whole = together.values().stream().mapToDouble(off -> off * off).sum();
      return alone > 0 ? cells() * Math.min(1, alone / whole) : together.size();
    }
  }

  private static List<Mean> means(float[] probabilities, float[] scores) {
    int n = probabilities.length;
    List<Mean> means = new ArrayList<>(BINS);
    int from = 0;
    for (int b = 0; b < BINS; b++) {
      int to = from + n / BINS + (b < n % BINS ? 1 : 0);
      double p = 0;
      double y = 0;
      for (int c = from; c < to; c++) {
        p += probabilities[c];
        y += scores[c];
      }
      if (to > from) {
        means.add(new Mean(from, to, p / (to - from), y / (to - from)));
      }
      from = to;
    }
    return means;
  }

  private static double error(List<Mean> means, int n) {
    double error = 0;
    for (Mean mean : means) {
      error += (double) mean.cells() / n * Math.abs(mean.probability() - mean.score());
    }
    return n == 0 ? Double.NaN : error;
  }
}
