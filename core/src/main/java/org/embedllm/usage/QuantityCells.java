package org.embedllm.usage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.embedllm.correctness.ObservedUsage;
import org.embedllm.correctness.UsageQuantity;

/// The reported values of one quantity, by model. Immutable.
final class QuantityCells {
  private final List<OfModel> models;

  private QuantityCells(List<OfModel> models) {
    this.models = models;
  }

  static QuantityCells of(UsageQuantity quantity, ObservedUsage usage) {
    int m = usage.modelCount();
    int[] counts = new int[m];
    for (int c = 0; c < usage.cellCount(); c++) {
      counts[usage.cellModel(c)] += Float.isNaN(usage.cellValue(quantity, c)) ? 0 : 1;
    }
    int[][] questions = new int[m][];
    double[][] values = new double[m][];
    for (int i = 0; i < m; i++) {
      questions[i] = new int[counts[i]];
      values[i] = new double[counts[i]];
    }
    Arrays.fill(counts, 0);
    for (int j = 0; j < usage.questionCount(); j++) {
      for (int c = usage.firstCell(j); c < usage.firstCell(j + 1); c++) {
        float value = usage.cellValue(quantity, c);
        int i = usage.cellModel(c);
        if (!Float.isNaN(value)) {
          questions[i][counts[i]] = j;
          values[i][counts[i]++] = value;
        }
      }
    }
    List<OfModel> all = new ArrayList<>(m);
    for (int i = 0; i < m; i++) {
      double limit =
          quantity == UsageQuantity.OUTPUT_TOKENS ? CutOff.of(values[i]) : Double.POSITIVE_INFINITY;
      all.add(new OfModel(quantity, questions[i], values[i], limit));
    }
    return new QuantityCells(all);
  }

  /// The same values where answers are cut off at the lengths of others.
  QuantityCells cutAs(QuantityCells others) {
    List<OfModel> all = new ArrayList<>(models.size());
    for (int i = 0; i < models.size(); i++) {
      OfModel own = models.get(i);
      all.add(own.cutAt(others.of(i).limit));
    }
    return new QuantityCells(all);
  }

  OfModel of(int model) {
    return models.get(model);
  }

  /// Models with a value, ascending.
  List<Integer> known() {
    List<Integer> known = new ArrayList<>();
    for (int i = 0; i < models.size(); i++) {
      if (models.get(i).count() > 0) {
        known.add(i);
      }
    }
    return known;
  }

  int reportedModels() {
    return known().size();
  }

  int count() {
    return models.stream().mapToInt(OfModel::count).sum();
  }

  /// Mean logarithm.
  double level() {
    double sum = 0;
    for (OfModel model : models) {
      sum += Arrays.stream(model.logs).sum();
    }
    return sum / Math.max(1, count());
  }

  /// Mean squared deviation of logarithms from their model's mean, above 0.
  double spread() {
    double sum = 0;
    for (OfModel model : models) {
      double mean = model.meanLog();
      for (double log : model.logs) {
        sum += (log - mean) * (log - mean);
      }
    }
    return Math.max(1e-6, sum / Math.max(1, count()));
  }

  /// Writes the columns of models with a value, each of mean 0; unreported values are at the
  /// question's mean deviation.
  ///
  /// @param targets [n, columns]
  /// @param first where these columns begin
  /// @return where the next ones begin
  int centered(int n, float[] targets, int columns, int first) {
    List<Integer> known = known();
    double[] deviations = new double[n];
    int[] counts = new int[n];
    for (int i : known) {
      OfModel model = models.get(i);
      double mean = model.meanLog();
      for (int a = 0; a < model.count(); a++) {
        deviations[model.questions[a]] += model.logs[a] - mean;
        counts[model.questions[a]]++;
      }
    }
    for (int j = 0; j < n; j++) {
      float usual = (float) (deviations[j] / Math.max(1, counts[j]));
      Arrays.fill(targets, j * columns + first, j * columns + first + known.size(), usual);
    }
    for (int at = 0; at < known.size(); at++) {
      OfModel model = models.get(known.get(at));
      double mean = model.meanLog();
      for (int a = 0; a < model.count(); a++) {
        targets[model.questions[a] * columns + first + at] = (float) (model.logs[a] - mean);
      }
    }
    return first + known.size();
  }

  /// One model's values.
  static final class OfModel {
    private static final int NEWTON_STEPS = 50;

    private final UsageQuantity quantity;
    private final int[] questions; // [count]
    private final double[] values; // [count]
    private final double[] logs; // [count]
    private final double limit; // from which on a value is a lower bound

    OfModel(UsageQuantity quantity, int[] questions, double[] values, double limit) {
      this.quantity = quantity;
      this.questions = questions;
      this.values = values;
      this.limit = limit;
      this.logs = Arrays.stream(values).map(v -> LogScale.log(quantity, v)).toArray();
    }

    /// The same values where answers are cut off at a length.
    OfModel cutAt(double length) {
      return new OfModel(quantity, questions, values, length);
    }

    double limit() {
      return limit;
    }

    int count() {
      return values.length;
    }

    double meanLog() {
      return Arrays.stream(logs).average().orElse(0);
    }

    int question(int answer) {
      return questions[answer];
    }

    double log(int answer) {
      return logs[answer];
    }

    boolean isBound(int answer) {
      return values[answer] >= limit;
    }

    CensoredRegression.Row fit(
        int k, double[] inputs, double[] mean, double[] variances, double poolVariance) {
      double[] own = new double[count() * k];
      boolean[] bound = new boolean[count()];
      for (int a = 0; a < count(); a++) {
        System.arraycopy(inputs, questions[a] * k, own, a * k, k);
        bound[a] = isBound(a);
      }
      return CensoredRegression.fit(k, own, logs, bound, mean, variances, poolVariance);
    }

    /// Offset and slope of the logarithm of the expected value over the forecast logarithm: a
    /// Poisson regression, its slope held at 1 by as much as ten answers would.
    double[] meanLine(CensoredRegression.Row row, double[] inputs, int k) {
      double[] x = new double[count()];
      double total = 0;
      double middle = 0;
      for (int a = 0; a < count(); a++) {
        x[a] = CensoredRegression.dot(inputs, questions[a] * k, row.mean());
        total += values[a];
        middle += x[a] / count();
      }
      if (!(total > 0)) {
        return new double[] {Double.NEGATIVE_INFINITY, 0};
      }
      double level = total / count();
      double hold = 10 * level;
      double offset = Math.log(level); // at the middle
      double slope = 1;
      for (int step = 0; step < NEWTON_STEPS; step++) {
        double g0 = 0;
        double g1 = hold * (1 - slope);
        double h00 = 0;
        double h01 = 0;
        double h11 = hold;
        for (int a = 0; a < count(); a++) {
          double d = x[a] - middle;
          double mean = Math.exp(offset + slope * d);
          g0 += values[a] - mean;
          g1 += d * (values[a] - mean);
          h00 += mean;
          h01 += d * mean;
          h11 += d * d * mean;
        }
        double determinant = h00 * h11 - h01 * h01;
        double byOffset = (h11 * g0 - h01 * g1) / determinant;
        double bySlope = (h00 * g1 - h01 * g0) / determinant;
        double stride = Math.max(1, Math.max(Math.abs(byOffset), Math.abs(bySlope)) / 0.5);
        offset += byOffset / stride;
        slope += bySlope / stride;
        if (Math.abs(byOffset) + Math.abs(bySlope) < 1e-9) {
          break;
        }
      }
      return new double[] {offset - slope * middle, slope};
    }
  }
}
