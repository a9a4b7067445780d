package org.embedllm.usage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.embedllm.linalg.NormalQuantile;

/// Quantiles of standardized errors, between which 95 % of a model's answers lie. Immutable.
final class ErrorQuantiles {
  private static final int OWN = 100; // answers from which on a model has quantiles of its own
  private static final int POOLED = 40;
  private static final double TAIL = 0.025;

  private final double[] low;
  private final double[] high;

  private ErrorQuantiles(double[] low, double[] high) {
    this.low = low;
    this.high = high;
  }

  /// @param known the models the rows are of
  /// @param rows one for each
  /// @param cells where errors are measured
  /// @param inputs [n, k] of the same questions
  static ErrorQuantiles of(
      List<Integer> known,
      List<CensoredRegression.Row> rows,
      QuantityCells cells,
      double[] inputs,
      int k) {
    List<double[]> errors = new ArrayList<>();
    for (int at = 0; at < rows.size(); at++) {
      errors.add(errors(rows.get(at), cells.of(known.get(at)), inputs, k));
    }
    double[] pooled = errors.stream().flatMapToDouble(Arrays::stream).sorted().toArray();
    double[] low = new double[rows.size()];
    double[] high = new double[rows.size()];
    for (int at = 0; at < rows.size(); at++) {
      double[] own = errors.get(at);
      double[] sorted = own.length >= OWN ? own : pooled;
      low[at] = sorted.length < POOLED ? -NormalQuantile.TWO_SIDED_95 : lower(sorted);
      high[at] = sorted.length < POOLED ? NormalQuantile.TWO_SIDED_95 : upper(sorted);
    }
    return new ErrorQuantiles(low, high);
  }

  private static double[] errors(
      CensoredRegression.Row row, QuantityCells.OfModel model, double[] inputs, int k) {
    double[] errors = new double[model.count()];
    for (int a = 0; a < errors.length; a++) {
      int from = model.question(a) * k;
      double deviation = Math.sqrt(row.variance(inputs, from));
      double error = (model.log(a) - CensoredRegression.dot(inputs, from, row.mean())) / deviation;
      errors[a] = model.isBound(a) ? CensoredRegression.millsRatio(error) : error;
    }
    Arrays.sort(errors);
    return errors;
  }

  /// The value below which at most a share [#TAIL] of new errors is.
  private static double lower(double[] sorted) {
    int rank = (int) Math.floor((sorted.length + 1) * TAIL);
    return sorted[Math.max(0, rank - 1)];
  }

  private static double upper(double[] sorted) {
    int rank = (int) Math.ceil((sorted.length + 1) * (1 - TAIL));
    return sorted[Math.min(sorted.length, rank) - 1];
  }

  double low(int row) {
    return low[row];
  }

  double high(int row) {
    return high[row];
  }
}
