package org.embedllm.factorization;

import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.linalg.Kernels;
import org.embedllm.linalg.Workers;

/// Scores parameters in training on validation questions.
final class ValidationCells {
  private static final int ROWS_PER_TASK = 32;

  private final CorrectnessMatrix matrix;
  private final float[] features; // [n, r]
  private final int[] rowOf; // validation model → training model
  private final int r;

  ValidationCells(TrainingProblem.Validation validation, CorrectnessMatrix train) {
    this.matrix = validation.matrix();
    this.features = validation.features().sharedArray();
    this.r = validation.features().columns();
    this.rowOf =
        matrix.models().stream().mapToInt(name -> train.modelIndex(name).orElseThrow()).toArray();
  }

  /// @param accuracy share of cells whose label was forecast
  /// @param logLoss mean binary cross-entropy of scores
  record Score(double accuracy, double logLoss) {}

  Score score(TrainingState state, Kernels kernels, Workers workers) {
    int tasks = Math.ceilDiv(matrix.questionCount(), ROWS_PER_TASK);
    double[] losses = new double[tasks];
    int[] hits = new int[tasks];
    Scorer scorer = new Scorer(state);
    workers.run(
        tasks,
        task -> {
          int from = task * ROWS_PER_TASK;
          int to = Math.min(matrix.questionCount(), from + ROWS_PER_TASK);
          float[] z = scorer.logits(kernels, features, from * r, to - from);
          tally(z, scorer.columns(), from, to, task, hits, losses);
        });
    double loss = 0;
    long right = 0;
    for (int task = 0; task < tasks; task++) {
      loss += losses[task];
      right += hits[task];
    }
    double cells = Math.max(1, matrix.cellCount());
    return new Score(right / cells, loss / cells);
  }

  private void tally(
      float[] z, int columns, int from, int to, int task, int[] hits, double[] losses) {
    for (int j = from; j < to; j++) {
      for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
        double logit = z[(j - from) * columns + rowOf[matrix.cellModel(c)]];
        float score = matrix.cellScore(c);
        hits[task] += logit >= 0 == CorrectnessMatrix.isCorrect(score) ? 1 : 0;
        losses[task] += Math.max(logit, 0) - logit * score + Math.log1p(Math.exp(-Math.abs(logit)));
      }
    }
  }
}
