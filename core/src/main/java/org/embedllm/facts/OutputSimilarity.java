package org.embedllm.facts;

import org.embedllm.tensor.FloatMatrix;

/// Models compared by what they write: the mean of the vectors of their answers' texts. Stateless.
public final class OutputSimilarity {
  /// Name of the tensor in a model file with the mean vector of each model's texts, `[m, e]`; a row
  /// of zeros where no text was kept.
  public static final String MEANS = "outputs.mean";

  private OutputSimilarity() {}

  /// Products of the centered means, of mean 1 on the diagonal, `[n, n]`. A model without texts is
  /// like none.
  ///
  /// @param means `[n, e]`; a row of zeros where no text is known
  public static FloatMatrix similarity(FloatMatrix means) {
    int n = means.rows();
    double[][] centered = centered(means);
    float[] products = new float[n * n];
    double trace = 0;
    for (int a = 0; a < n; a++) {
      for (int b = 0; b < n; b++) {
        double sum = 0;
        for (int c = 0; c < means.columns(); c++) {
          sum += centered[a][c] * centered[b][c];
        }
        products[a * n + b] = (float) sum;
        trace += a == b ? sum / n : 0;
      }
    }
    for (int i = 0; i < products.length && trace > 0; i++) {
      products[i] /= (float) trace;
    }
    return FloatMatrix.wrap(n, n, products);
  }

  private static double[][] centered(FloatMatrix means) {
    int n = means.rows();
    int e = means.columns();
    double[] mean = new double[e];
    int known = 0;
    for (int i = 0; i < n; i++) {
      known += hasTexts(means, i) ? 1 : 0;
      for (int c = 0; c < e; c++) {
        mean[c] += means.get(i, c);
      }
    }
    double[][] centered = new double[n][e];
    for (int i = 0; i < n; i++) {
      for (int c = 0; c < e && hasTexts(means, i); c++) {
        centered[i][c] = means.get(i, c) - mean[c] / known;
      }
    }
    return centered;
  }

  /// Whether a model's texts are known.
  public static boolean hasTexts(FloatMatrix means, int model) {
    for (int c = 0; c < means.columns(); c++) {
      if (means.get(model, c) != 0) {
        return true;
      }
    }
    return false;
  }

  /// Euclidean distance of two models' means.
  public static double distance(FloatMatrix means, int a, int b) {
    double sum = 0;
    for (int c = 0; c < means.columns(); c++) {
      double difference = (double) means.get(a, c) - means.get(b, c);
      sum += difference * difference;
    }
    return Math.sqrt(sum);
  }
}
