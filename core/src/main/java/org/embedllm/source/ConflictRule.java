package org.embedllm.source;

import org.embedllm.correctness.CorrectnessMatrix;

/// How several answers of one model to one question are merged where their scores differ.
public enum ConflictRule {
  /// Their mean.
  MEAN,
  /// The label most of them have, as 0 or 1; unobserved when as many are right as wrong.
  MAJORITY,
  /// The one that was read first.
  FIRST,
  /// The import is refused.
  ERROR;

  /// The score of several answers.
  ///
  /// @param scores the scores in the order they were read, in [0, 1]
  /// @param from first of them
  /// @param to one after the last of them
  /// @return a score in [0, 1], or NaN where the cell becomes unobserved
  public float settle(float[] scores, int from, int to) {
    return switch (this) {
      case MEAN -> mean(scores, from, to);
      case MAJORITY -> majority(scores, from, to);
      case FIRST, ERROR -> scores[from];
    };
  }

  private static float mean(float[] scores, int from, int to) {
    double sum = 0;
    for (int c = from; c < to; c++) {
      sum += scores[c];
    }
    return (float) (sum / (to - from));
  }

  private static float majority(float[] scores, int from, int to) {
    int right = 0;
    for (int c = from; c < to; c++) {
      right += CorrectnessMatrix.isCorrect(scores[c]) ? 1 : 0;
    }
    int wrong = to - from - right;
    return right == wrong ? Float.NaN : right > wrong ? 1f : 0f;
  }
}
