package org.embedllm.tower;

import java.util.Arrays;
import org.embedllm.factorization.FeatureMap;
import org.embedllm.tensor.FloatMatrix;

/// How near a question lies to the landmark questions by what it means, whatever the form of its
/// text. Immutable.
///
/// Vectors end with the form of the text, and a dot product is the sum of that of the sentences and
/// that of the forms. The kernel has the whole; what the forms have of it is taken off again, which
/// costs a tenth of multiplying the sentences anew.
final class MeaningNearness {
  private static final int NEAREST = 5;
  private static final int UNRELATED = 256;

  private final double gamma;
  private final int dimension;
  private final int landmarks;
  private final int columns;
  private final float[] forms; // [columns, r]

  /// @param columns how many values at the end of a vector are the form of the text; may be 0
  MeaningNearness(FeatureMap.Kernel features, int columns) {
    this.gamma = features.gamma();
    this.dimension = features.inputDimension();
    this.landmarks = features.outputDimension();
    this.columns = columns;
    if (columns < 0 || columns >= dimension) {
      throw new IllegalArgumentException(
          "%d columns of form in vectors of dimension %d".formatted(columns, dimension));
    }
    this.forms = new float[columns * landmarks];
    for (int c = 0; c < columns; c++) {
      for (int i = 0; i < landmarks; i++) {
        forms[c * landmarks + i] = features.landmarks().get(i, dimension - columns + c);
      }
    }
  }

  /// Mean dot product of the sentence with those of the five nearest landmarks.
  ///
  /// @param vector of the question, [q]
  /// @param features kernel of the question with the landmarks, [r]
  double of(float[] vector, float[] features) {
    return of(vector, features, -1);
  }

  /// The same for a landmark, among the others.
  ///
  /// @param own its row, which is left out
  double of(float[] vector, float[] features, int own) {
    float[] form = form(vector);
    double[] nearest = new double[NEAREST];
    Arrays.fill(nearest, Double.NEGATIVE_INFINITY);
    for (int i = 0; i < landmarks; i++) {
      double sentence = Math.log(features[i]) / gamma + 1 - form[i];
      if (i != own && sentence > nearest[0]) {
        insert(nearest, sentence);
      }
    }
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

  /// Dot product of the sentences of two landmarks that have nothing to do with each other: the
  /// median over all pairs of the first 256. 1 where there is but one.
  ///
  /// @param kernel Z, [r, r]
  /// @param vectors of the landmarks, [r, q]
  double unrelated(FloatMatrix kernel, FloatMatrix vectors) {
    int count = Math.min(UNRELATED, landmarks);
    if (count < 2) {
      return 1;
    }
    double[] products = new double[count * (count - 1) / 2];
    int at = 0;
    for (int i = 1; i < count; i++) {
      float[] form = form(vectors.row(i));
      for (int l = 0; l < i; l++) {
        products[at++] = Math.log(kernel.get(i, l)) / gamma + 1 - form[l];
      }
    }
    Arrays.sort(products);
    return products[products.length / 2];
  }

  /// Dot products of the forms, [r].
  private float[] form(float[] vector) {
    float[] sums = new float[landmarks];
    double square = 0;
    for (float value : vector) {
      square += (double) value * value;
    }
    float scale = square > 0 ? (float) (1 / Math.sqrt(square)) : 0;
    for (int c = 0; c < columns; c++) {
      float value = vector[dimension - columns + c] * scale;
      int from = c * landmarks;
      for (int i = 0; i < landmarks; i++) {
        sums[i] += value * forms[from + i];
      }
    }
    return sums;
  }

  /// @param ascending the largest so far
  private static void insert(double[] ascending, double value) {
    int at = 0;
    while (at + 1 < ascending.length && value > ascending[at + 1]) {
      ascending[at] = ascending[at + 1];
      at++;
    }
    ascending[at] = value;
  }
}
