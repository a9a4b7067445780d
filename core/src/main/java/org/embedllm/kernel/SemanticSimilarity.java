package org.embedllm.kernel;

import java.util.Arrays;
import org.embedllm.factorization.FeatureMap;

/// How similar a question is to the landmarks by its meaning, without text features. Immutable.
///
/// Vectors end with the text features, and a dot product is the sum of that of the sentences and
/// that of the features. The kernel has the whole sum; subtracting the features' part costs a tenth
/// of multiplying the sentences again.
final class SemanticSimilarity {
  private static final int NEAREST = 5;
  private static final double LN_2 = Math.log(2);

  private final FeatureMap.Kernel kernel;
  private final double gamma;
  private final int dimension;
  private final int landmarks;
  private final int columns;

  /// @param columns number of values at the end of a vector that are text features; may be 0
  SemanticSimilarity(FeatureMap.Kernel kernel, int columns) {
    this.kernel = kernel;
    this.gamma = kernel.gamma();
    this.dimension = kernel.inputDimension();
    this.landmarks = kernel.outputDimension();
    this.columns = columns;
    if (columns < 0 || columns >= dimension) {
      throw new IllegalArgumentException(
          "%d columns of text features in vectors of dimension %d".formatted(columns, dimension));
    }
  }

  /// Mean dot product of the sentence with those of the five nearest landmarks.
  ///
  /// @param vector of the question, `[q]`
  /// @param features kernel of the question with the landmarks, `[r]`
  double of(float[] vector, float[] features) {
    float[] surface = kernel.products(vector, dimension - columns);
    double[] nearest = new double[NEAREST];
    Arrays.fill(nearest, Double.NEGATIVE_INFINITY);
    for (int i = 0; i < landmarks; i++) {
      // Logarithms of a few landmarks alone.
      if (logarithmBound(features[i]) / gamma + 1 - surface[i] > nearest[0]) {
        insertLarger(nearest, Math.log(features[i]) / gamma + 1 - surface[i]);
      }
    }
    return mean(nearest);
  }

  /// At least ln x, by at most .06 more: log₂ (1 + m) is at most m + .0861.
  private static double logarithmBound(float x) {
    return x >= Float.MIN_NORMAL
        ? LN_2 * (Float.floatToRawIntBits(x) * 0x1p-23 - 127 + .0861)
        : Double.POSITIVE_INFINITY;
  }

  /// The same for a training question, whose own landmark is computed without it.
  double of(float[] vector, float[] features, QuestionClusters clusters, int question) {
    double[] sentences = sentences(vector, features);
    int owner = clusters.owner(question);
    double cosine = Math.log(features[owner]) / gamma + 1;
    sentences[owner] =
        clusters.withoutItself(question, sentences[owner], ownSentence(vector), cosine);
    double[] nearest = new double[NEAREST];
    Arrays.fill(nearest, Double.NEGATIVE_INFINITY);
    for (double sentence : sentences) {
      insertLarger(nearest, sentence);
    }
    return mean(nearest);
  }

  /// Dot products of the sentence with those of all landmarks, `[r]`.
  double[] sentences(float[] vector, float[] features) {
    float[] surface = kernel.products(vector, dimension - columns);
    double[] sentences = new double[landmarks];
    for (int i = 0; i < landmarks; i++) {
      sentences[i] = Math.log(features[i]) / gamma + 1 - surface[i];
    }
    return sentences;
  }

  /// Mean of the five largest; of fewer where there are fewer.
  private static double mean(double[] nearest) {
    double sum = 0;
    int count = 0;
    for (double value : nearest) {
      if (value > Double.NEGATIVE_INFINITY) {
        sum += value;
        count++;
      }
    }
    return count == 0 ? Double.NEGATIVE_INFINITY : sum / count;
  }

  /// The sentence's share of the squared length of a unit vector.
  private double ownSentence(float[] vector) {
    double sentence = 0;
    double all = 0;
    for (int k = 0; k < dimension; k++) {
      double square = (double) vector[k] * vector[k];
      all += square;
      sentence += k < dimension - columns ? square : 0;
    }
    return all > 0 ? sentence / all : 0;
  }

  /// @param ascending the largest so far
  private static void insertLarger(double[] ascending, double value) {
    if (!(value > ascending[0])) {
      return;
    }
    int at = 0;
    while (at + 1 < ascending.length && value > ascending[at + 1]) {
      ascending[at] = ascending[at + 1];
      at++;
    }
    ascending[at] = value;
  }
}
