package org.embedllm.forecast;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.ShrunkMean;

/// How well one more answer of a model to a question is forecast, from answers that were given more
/// than once: mean squared errors where each answer in turn is left out of its cell
/// ([ShrunkMean#errorOfEach]). A cell counts once.
///
/// @param questions that have such cells
/// @param cells of two answers or more whose variance is known
/// @param noise mean variance of the answers of a cell: no forecast has a smaller error
/// @param cellMean error of the mean of the cell's other answers
/// @param baseline error of that mean, shrunk to model + question; empty for more than
///   [#MOST_MODELS_OF_BASELINE] models
/// @param program error of the forecasts that are measured
/// @param difference of the program's error to that of the baseline; empty as this is
public record RepeatErrors(
    int questions,
    int cells,
    double noise,
    Estimate cellMean,
    Optional<Estimate> baseline,
    Estimate program,
    Optional<Estimate> difference) {
  /// How many models the baseline is measured for.
  public static final int MOST_MODELS_OF_BASELINE = AdditiveScores.MOST_MODELS;

  private static final ShrunkMean MEAN_ALONE = new ShrunkMean(0, 1);
  private static final int SUMS = 4; // the three errors, and the noise
  private static final double LEAST_BETWEEN = 1e-3;

  /// Forecasts as functions of a mean of answers.
  @FunctionalInterface
  public interface Forecasts {
    /// @param repeats how many answers the mean is of
    ShrunkMean of(int model, int question, double repeats);
  }

  /// @param answers mean scores with their variances, [m, n]
  /// @param program the forecasts that are measured
  /// @param seed of the resamples
  /// @return empty where no cell has two answers whose variance is known
  public static Optional<RepeatErrors> of(CorrectnessMatrix answers, Forecasts program, long seed) {
    if (!answers.hasVariances()) {
      return Optional.empty();
    }
    Optional<Baseline> baseline = AdditiveScores.fit(answers).map(a -> Baseline.of(answers, a));
    int n = answers.questionCount();
    double[][] sums = new double[n][SUMS];
    int[] cells = new int[n];
    for (int j = 0; j < n; j++) {
      for (int c = answers.firstCell(j); c < answers.firstCell(j + 1); c++) {
        double repeats = answers.cellRepeats(c);
        double variance = answers.cellVariance(c);
        if (repeats >= 2 && !Double.isNaN(variance)) {
          double mean = answers.cellScore(c);
          ShrunkMean own = program.of(answers.cellModel(c), j, repeats - 1);
          sums[j][0] += MEAN_ALONE.errorOfEach(mean, repeats, variance);
          if (baseline.isPresent()) {
            sums[j][1] += baseline.get().of(c, repeats - 1).errorOfEach(mean, repeats, variance);
          }
          sums[j][2] += own.errorOfEach(mean, repeats, variance);
          sums[j][3] += variance;
          cells[j]++;
        }
      }
    }
    return errors(sums, cells, baseline.isPresent(), seed);
  }

  private static Optional<RepeatErrors> errors(
      double[][] sums, int[] cells, boolean hasBaseline, long seed) {
    int questions = 0;
    int all = 0;
    for (int count : cells) {
      questions += count > 0 ? 1 : 0;
      all += count;
    }
    if (all == 0) {
      return Optional.empty();
    }
    List<Estimate> estimates =
        new QuestionBootstrap(cells.length, QuestionBootstrap.RESAMPLES, seed)
            .estimates(
                SUMS + 1,
                (counts, into) -> {
                  double[] total = new double[SUMS];
                  double drawn = 0;
                  for (int j = 0; j < counts.length; j++) {
                    drawn += counts[j] * (double) cells[j];
                    for (int k = 0; k < SUMS; k++) {
                      total[k] += counts[j] * sums[j][k];
                    }
                  }
                  for (int k = 0; k < SUMS; k++) {
                    into[k] = drawn == 0 ? Double.NaN : total[k] / drawn;
                  }
                  into[SUMS] = into[2] - into[1];
                });
    return Optional.of(
        new RepeatErrors(
            questions,
            all,
            estimates.get(3).value(),
            estimates.get(0),
            hasBaseline ? Optional.of(estimates.get(1)) : Optional.empty(),
            estimates.get(2),
            hasBaseline ? Optional.of(estimates.get(SUMS)) : Optional.empty()));
  }

  /// A cell's mean shrunk to model + question, with the same variances everywhere.
  ///
  /// @param outside `[cells]`, what all other cells say
  private record Baseline(List<Double> outside, double between, double within) {
    static Baseline of(CorrectnessMatrix answers, AdditiveScores additive) {
      List<Double> outside = new ArrayList<>();
      double squares = 0;
      double freedom = 0;
      double off = 0;
      double inverse = 0;
      for (int j = 0; j < answers.questionCount(); j++) {
        double[] expected = additive.without(j);
        for (int c = 0; c < expected.length; c++) {
          int cell = answers.firstCell(j) + c;
          double repeats = answers.cellRepeats(cell);
          double error = answers.cellScore(cell) - expected[c];
          outside.add(expected[c]);
          if (!Float.isNaN(answers.cellVariance(cell))) {
            squares += (repeats - 1) * answers.cellVariance(cell);
            freedom += repeats - 1;
          }
          off += error * error;
          inverse += 1 / repeats;
        }
      }
      double within = squares / freedom;
      double between = Math.max(LEAST_BETWEEN, (off - within * inverse) / outside.size());
      return new Baseline(outside, between, within);
    }

    ShrunkMean of(int cell, double repeats) {
      return new ShrunkMean(outside.get(cell), between / (between + within / repeats));
    }
  }
}
