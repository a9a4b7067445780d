package org.embedllm.kernel;

import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.linalg.Logistic;
import org.embedllm.logistic.LogitCalibration;
import org.embedllm.modelvector.ModelVectorFit;
import org.embedllm.tensor.FloatMatrix;

/// How well a pool's vectors forecast some answers.
///
/// @param logLoss mean over observed cells, in nats
/// @param accuracy share of observed cells forecast on the right side of ½
record ForecastScore(double logLoss, double accuracy) {
  /// Scores a pool.
  ///
  /// @param train the matrix whose models the vectors are
  /// @param inputs of the vectors, [questions of `matrix`, k]
  static ForecastScore of(
      ModelVectorFit rows,
      CorrectnessMatrix train,
      CorrectnessMatrix matrix,
      FloatMatrix inputs,
      LogitCalibration calibration) {
    double[] sums = new double[2];
    forEachCell(
        rows,
        train,
        matrix,
        inputs,
        (cell, raw, score) -> {
          double logit = calibration.scale() * raw + calibration.shift();
          sums[0] += Logistic.softplus(logit) - score * logit;
          sums[1] += (logit >= 0) == CorrectnessMatrix.isCorrect(score) ? 1 : 0;
        });
    int cells = Math.max(1, matrix.cellCount());
    return new ForecastScore(sums[0] / cells, sums[1] / cells);
  }

  /// Scale and shift of all logits that fit some answers best.
  static LogitCalibration calibration(
      ModelVectorFit rows, CorrectnessMatrix train, CorrectnessMatrix matrix, FloatMatrix inputs) {
    double[] logits = new double[matrix.cellCount()];
    double[] scores = new double[matrix.cellCount()];
    forEachCell(
        rows,
        train,
        matrix,
        inputs,
        (cell, logit, score) -> {
          logits[cell] = logit;
          scores[cell] = score;
        });
    return LogitCalibration.fit(logits, scores);
  }

  private static void forEachCell(
      ModelVectorFit rows,
      CorrectnessMatrix train,
      CorrectnessMatrix matrix,
      FloatMatrix inputs,
      CellReader reader) {
    int k = rows.dimension();
    int[] trainRow = new int[matrix.modelCount()];
    for (int i = 0; i < trainRow.length; i++) {
      trainRow[i] = train.modelIndex(matrix.models().get(i)).orElseThrow();
    }
    double[] input = new double[k];
    for (int j = 0; j < matrix.questionCount(); j++) {
      for (int c = 0; c < k; c++) {
        input[c] = inputs.get(j, c);
      }
      for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
        double logit = rows.row(trainRow[matrix.cellModel(c)]).logit(input);
        reader.read(c, logit, matrix.cellScore(c));
      }
    }
  }

  private interface CellReader {
    void read(int cell, double logit, float score);
  }
}
