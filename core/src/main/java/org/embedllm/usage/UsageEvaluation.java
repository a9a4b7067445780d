package org.embedllm.usage;

import java.util.List;
import java.util.Optional;
import org.embedllm.correctness.ObservedUsage;
import org.embedllm.correctness.UsageQuantity;
import org.embedllm.forecast.Estimate;
import org.embedllm.forecast.QuestionBootstrap;
import org.embedllm.tensor.FloatMatrix;

/// How good forecasts of usage are, over all cells whose usage was reported and forecast.
///
/// @param cells how many these are
/// @param r2Log 1 − squared error of the logarithm over that of each model's own mean logarithm on
///   the training questions; where an answer was cut off, only a forecast below its length errs
/// @param coverage share of cells in their 95 % interval; the length of an answer that was cut off
///   may lie below it
/// @param totalRatio sum of the expected values over the sum of the observed ones
public record UsageEvaluation(int cells, Estimate r2Log, Estimate coverage, Estimate totalRatio) {
  private static final int NUMBERS = 3;
  private static final int SUMS = 6; // error, error of the mean, cells, covered, expected, observed

  /// @param model what forecasts
  /// @param quantity what is forecast
  /// @param names the models, in the order of `observed`
  /// @param observed usage on the questions to be measured on
  /// @param vectors of these, [n, q]
  /// @param seed of the resamples behind intervals
  /// @return empty where no cell has both
  public static Optional<UsageEvaluation> of(
      UsageModel model,
      UsageQuantity quantity,
      List<String> names,
      ObservedUsage observed,
      FloatMatrix vectors,
      long seed) {
    int n = observed.questionCount();
    int k = model.dimension();
    QuantityCells cells = QuantityCells.of(quantity, observed);
    double[] inputs = model.inputs(vectors);
    double[] sums = new double[n * SUMS];
    int count = 0;
    for (int i = 0; i < names.size(); i++) {
      Optional<UsageRow> row = model.row(quantity, model.models().indexOf(names.get(i)));
      if (row.isPresent()) {
        QuantityCells.OfModel own = cells.of(i).cutAt(row.get().limit());
        count += own.count();
        for (int a = 0; a < own.count(); a++) {
          add(row.get(), own, a, inputs, k, sums);
        }
      }
    }
    if (count == 0) {
      return Optional.empty();
    }
    List<Estimate> estimates =
        new QuestionBootstrap(n, QuestionBootstrap.RESAMPLES, seed)
            .estimates(NUMBERS, (counts, into) -> numbers(sums, counts, into));
    return Optional.of(
        new UsageEvaluation(count, estimates.get(0), estimates.get(1), estimates.get(2)));
  }

  private static void add(
      UsageRow row, QuantityCells.OfModel own, int answer, double[] inputs, int k, double[] sums) {
    int question = own.question(answer);
    double log = own.log(answer);
    double forecast = CensoredRegression.dot(inputs, question * k, row.regression().mean());
    UsageEstimate estimate = row.estimate(inputs, question * k);
    double value = Math.exp(log);
    boolean bound = own.isBound(answer);
    boolean covered =
        value <= estimate.high() * (1 + 1e-9) && (bound || value >= estimate.low() * (1 - 1e-9));
    int at = question * SUMS;
    sums[at] += error(log, forecast, bound);
    sums[at + 1] += error(log, row.meanLog(), bound);
    sums[at + 2]++;
    sums[at + 3] += covered ? 1 : 0;
    sums[at + 4] += estimate.mean();
    sums[at + 5] += value;
  }

  private static double error(double log, double forecast, boolean bound) {
    return bound && forecast > log ? 0 : (log - forecast) * (log - forecast);
  }

  private static void numbers(double[] sums, int[] counts, double[] into) {
    double[] total = new double[SUMS];
    for (int j = 0; j < counts.length; j++) {
      for (int s = 0; s < SUMS && counts[j] > 0; s++) {
        total[s] += counts[j] * sums[j * SUMS + s];
      }
    }
    into[0] = total[1] > 0 ? 1 - total[0] / total[1] : Double.NaN;
    into[1] = total[2] > 0 ? total[3] / total[2] : Double.NaN;
    into[2] = total[5] > 0 ? total[4] / total[5] : Double.NaN;
  }
}
