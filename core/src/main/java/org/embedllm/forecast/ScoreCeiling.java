package org.embedllm.forecast;

import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.tensor.FloatMatrix;

/// The best scores that any forecaster could reach on single answers, from answers that were given
/// more than once.
///
/// A model that is right on a question with probability q varies by q (1 − q) from one answer to
/// the next, and nobody can forecast that. The mean s of r answers gives an unbiased estimate of
/// it, s (1 − s) r / (r − 1); v is its mean over cells. No forecaster's Brier score is below v;
/// none has an accuracy above ½ + ½ √(1 − 4 v) (Jensen's inequality) or a log loss below 4 v ln 2
/// (the entropy's least multiple of q (1 − q)).
///
/// @param cells cells with at least two answers, each right or wrong
/// @param answers how many answers these have together
/// @param accuracy the most that any forecaster reaches, and what these forecasts reach
/// @param brier the least Brier score, and that of these forecasts
/// @param logLoss the least log loss in nats, and that of these forecasts
public record ScoreCeiling(int cells, long answers, Bound accuracy, Bound brier, Bound logLoss) {
  private static final double CLIP = 1e-7;
  private static final double WHOLE = 1e-3; // a count of right answers is whole within this

  /// A bound and what was reached.
  ///
  /// @param best that any forecaster can reach
  /// @param reached by the forecasts that were evaluated, for single answers of the same cells
  public record Bound(double best, double reached) {}

  /// @param answers mean scores, [m, n]
  /// @param probabilities the forecasts, [n, m]
  /// @param repeats how many answers stand behind the score of a cell
  /// @return empty where no cell has two answers that were right or wrong
  public static Optional<ScoreCeiling> of(
      CorrectnessMatrix answers, FloatMatrix probabilities, IntToDoubleFunction repeats) {
    int cells = 0;
    long all = 0;
    double noise = 0;
    double hit = 0;
    double square = 0;
    double loss = 0;
    for (int j = 0; j < answers.questionCount(); j++) {
      for (int c = answers.firstCell(j); c < answers.firstCell(j + 1); c++) {
        double r = repeats.applyAsDouble(c);
        double s = answers.cellScore(c);
        if (r >= 2 && Math.abs(s * r - Math.rint(s * r)) <= WHOLE * r) {
          double p =
              Math.clamp((double) probabilities.get(j, answers.cellModel(c)), CLIP, 1 - CLIP);
          cells++;
          all += Math.round(r);
          noise += s * (1 - s) * r / (r - 1);
          hit += p >= 0.5 ? s : 1 - s;
          square += (p - s) * (p - s) + s * (1 - s);
          loss -= s * Math.log(p) + (1 - s) * Math.log(1 - p);
        }
      }
    }
    if (cells == 0) {
      return Optional.empty();
    }
    double v = Math.min(0.25, noise / cells);
    return Optional.of(
        new ScoreCeiling(
            cells,
            all,
            new Bound(0.5 + 0.5 * Math.sqrt(1 - 4 * v), hit / cells),
            new Bound(v, square / cells),
            new Bound(4 * v * Math.log(2), loss / cells)));
  }
}
