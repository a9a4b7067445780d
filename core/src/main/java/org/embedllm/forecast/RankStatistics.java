package org.embedllm.forecast;

import org.apache.commons.statistics.inference.MannWhitneyUTest;
import org.embedllm.correctness.CorrectnessMatrix;

/// Statistics of order.
final class RankStatistics {
  private RankStatistics() {}

  /// Area under the ROC curve: U / (n₁ n₀) of the Mann–Whitney test, ties counted half.
  ///
  /// @return NaN where all labels agree
  static double auc(float[] probabilities, float[] scores) {
    int right = 0;
    for (float score : scores) {
      right += CorrectnessMatrix.isCorrect(score) ? 1 : 0;
    }
    int wrong = scores.length - right;
    if (right == 0 || wrong == 0) {
      return Double.NaN;
    }
    double[] ofRight = new double[right];
    double[] ofWrong = new double[wrong];
    int r = 0;
    int w = 0;
    for (int c = 0; c < scores.length; c++) {
      if (CorrectnessMatrix.isCorrect(scores[c])) {
        ofRight[r++] = probabilities[c];
      } else {
        ofWrong[w++] = probabilities[c];
      }
    }
    double u = MannWhitneyUTest.withDefaults().statistic(ofRight, ofWrong);
    return u / ((double) right * wrong);
  }
}
