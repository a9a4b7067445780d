package org.embedllm.logistic;

import java.util.Arrays;

/// The observations of a logistic regression. Immutable.
public final class LogisticObservations {
  private final int dimension; // k
  private final float[] inputs; // u [n, k]
  private final double[] offsets; // o [n]
  private final double[] scores; // y [n], in [0, 1]
  private final double[] weights; // ω [n], not negative

  private LogisticObservations(
      int dimension, float[] inputs, double[] offsets, double[] scores, double[] weights) {
    this.dimension = dimension;
    this.inputs = inputs;
    this.offsets = offsets;
    this.scores = scores;
    this.weights = weights;
    int n = scores.length;
    if (inputs.length != n * dimension || offsets.length != n || weights.length != n) {
      throw new IllegalArgumentException(
          "%d inputs, %d offsets and %d weights do not fit %d scores and vectors of %d"
              .formatted(inputs.length, offsets.length, weights.length, n, dimension));
    }
  }

  /// Responses that all count the same. Arrays are taken over.
  ///
  /// @param dimension k
  /// @param inputs u, [n, k], row-major
  /// @param scores y, `[n]`, in [0, 1]
  public static LogisticObservations of(int dimension, float[] inputs, double[] scores) {
    double[] weights = new double[scores.length];
    Arrays.fill(weights, 1);
    return of(dimension, inputs, scores, weights);
  }

  /// Responses of which each counts with its weight. Arrays are taken over.
  ///
  /// @param weights ω, `[n]`, not negative
  public static LogisticObservations of(
      int dimension, float[] inputs, double[] scores, double[] weights) {
    return new LogisticObservations(dimension, inputs, new double[scores.length], scores, weights);
  }

  /// The same observations with an offset each, which is added to `uᵀ x`. The array is not copied.
  ///
  /// @param added o, `[n]`
  public LogisticObservations plus(double[] added) {
    return new LogisticObservations(dimension, inputs, added, scores, weights);
  }

  /// The first n observations.
  public LogisticObservations first(int n) {
    return new LogisticObservations(
        dimension,
        Arrays.copyOf(inputs, n * dimension),
        Arrays.copyOf(offsets, n),
        Arrays.copyOf(scores, n),
        Arrays.copyOf(weights, n));
  }

  /// n.
  int count() {
    return scores.length;
  }

  /// k.
  int dimension() {
    return dimension;
  }

  /// The inputs themselves, [n, k]: not to be modified.
  float[] inputs() {
    return inputs;
  }

  double offset(int answer) {
    return offsets[answer];
  }

  double score(int answer) {
    return scores[answer];
  }

  double weight(int answer) {
    return weights[answer];
  }
}
