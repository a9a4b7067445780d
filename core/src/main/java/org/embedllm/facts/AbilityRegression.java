package org.embedllm.facts;

import java.util.List;
import java.util.stream.IntStream;
import org.embedllm.itemresponse.AbilityPrior;
import org.embedllm.linalg.Cholesky;
import org.embedllm.linalg.Workers;
import org.embedllm.tensor.FloatMatrix;

/// The ability of a new model from its similarity to the models of a pool. Immutable.
///
/// Kernel ridge regression of the pool's abilities. The ridge has the smallest error when each
/// model is left out in turn, and that error is the variance of the prior. Where no ridge is better
/// than the pool's mean, the mean is what is left.
public final class AbilityRegression {
  private static final double[] RIDGES = {0.03, 0.1, 0.3, 1, 3, 10};
  private static final double LEAST_VARIANCE = 0.02;
  private static final double ROUNDING = 1e-6; // a gain below it is none

  private final FloatMatrix similarity; // [m + new, m + new], the pool first
  private final double[] abilities; // [m]
  private final double ridge; // infinite where similarity says nothing
  private final double variance;
  private final double explained;

  private AbilityRegression(
      FloatMatrix similarity, double[] abilities, double ridge, double variance, double explained) {
    this.similarity = similarity;
    this.abilities = abilities;
    this.ridge = ridge;
    this.variance = variance;
    this.explained = explained;
  }

  /// @param similarity of all models, those of the pool first, `[m + new, m + new]`
  /// @param abilities of the pool's models
  public static AbilityRegression fit(FloatMatrix similarity, List<Double> abilities) {
    double[] values = abilities.stream().mapToDouble(v -> v).toArray();
    double without = leftOut(similarity, values, Double.POSITIVE_INFINITY);
    double least = without;
    double chosen = Double.POSITIVE_INFINITY;
    for (double ridge : RIDGES) {
      double error = leftOut(similarity, values, ridge);
      if (error < least * (1 - ROUNDING)) {
        least = error;
        chosen = ridge;
      }
    }
    return new AbilityRegression(
        similarity,
        values,
        chosen,
        Math.max(LEAST_VARIANCE, least),
        without > 0 ? 1 - least / without : 0);
  }

  /// Mean squared error when each model is left out in turn.
  private static double leftOut(FloatMatrix similarity, double[] abilities, double ridge) {
    double sum = 0;
    for (int i = 0; i < abilities.length; i++) {
      int left = i;
      int[] kept = IntStream.range(0, abilities.length).filter(k -> k != left).toArray();
      double error = predict(similarity, abilities, kept, i, ridge) - abilities[i];
      sum += error * error / abilities.length;
    }
    return sum;
  }

  private static double predict(
      FloatMatrix similarity, double[] abilities, int[] kept, int model, double ridge) {
    int m = kept.length;
    double mean = IntStream.of(kept).mapToDouble(i -> abilities[i]).average().orElse(0);
    if (m == 0 || Double.isInfinite(ridge)) {
      return mean;
    }
    double[] matrix = new double[m * m];
    double[] deviations = new double[m];
    for (int a = 0; a < m; a++) {
      deviations[a] = abilities[kept[a]] - mean;
      for (int b = 0; b < m; b++) {
        matrix[a * m + b] = similarity.get(kept[a], kept[b]) + (a == b ? ridge : 0);
      }
    }
    double[] weights;
    try (Workers workers = new Workers(1)) {
      weights = Cholesky.of(m, matrix, workers).solve(deviations);
    }
    double sum = mean;
    for (int a = 0; a < m; a++) {
      sum += similarity.get(model, kept[a]) * weights[a];
    }
    return sum;
  }

  /// Share of the variance of the pool's abilities that is explained, each model left out.
  public double explained() {
    return explained;
  }

  /// The prior of a new model.
  ///
  /// @param model its row in the similarity
  public AbilityPrior prior(int model) {
    int[] all = IntStream.range(0, abilities.length).toArray();
    return new AbilityPrior(predict(similarity, abilities, all, model, ridge), variance);
  }
}
