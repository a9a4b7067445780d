package org.embedllm.kernel;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.embedllm.correctness.CorrectnessMatrix;

/// The directions in which the answers of a pool vary from question to question: principal
/// components over the models, largest first.
///
/// An unobserved cell is not taken as wrong: it stands at its model's mean plus the mean deviation
/// of the models that did answer the question.
final class AnswerComponents implements RidgeTargets {
  private final int count; // d
  private final double[] scores; // [n, d]

  private AnswerComponents(int count, double[] scores) {
    this.count = count;
    this.scores = scores;
  }

  /// The first components, at most `limit` and at most as many as there are models.
  static AnswerComponents of(CorrectnessMatrix matrix, int limit) {
    int m = matrix.modelCount();
    int n = matrix.questionCount();
    float[] centred = centred(matrix); // [n, m]
    DMatrixRMaj covariance = new DMatrixRMaj(m, m);
    for (int j = 0; j < n; j++) {
      for (int a = 0; a < m; a++) {
        double value = centred[j * m + a];
        for (int b = 0; b < m; b++) {
          covariance.data[a * m + b] += value * centred[j * m + b];
        }
      }
    }
    var eigen = DecompositionFactory_DDRM.eig(m, true, true);
    if (!eigen.decompose(covariance)) {
      throw new IllegalStateException("the covariance of the answers has no eigenvectors");
    }
    Integer[] order = new Integer[m];
    for (int i = 0; i < m; i++) {
      order[i] = i;
    }
    java.util.Arrays.sort(
        order, java.util.Comparator.comparingDouble(i -> -eigen.getEigenvalue(i).getReal()));
    int d = Math.min(limit, m);
    double[] scores = new double[n * d];
    for (int k = 0; k < d; k++) {
      double[] vector = eigen.getEigenVector(order[k]).data;
      double sign = java.util.Arrays.stream(vector).sum() < 0 ? -1 : 1;
      for (int j = 0; j < n; j++) {
        double sum = 0;
        for (int a = 0; a < m; a++) {
          sum += centred[j * m + a] * vector[a];
        }
        scores[j * d + k] = sign * sum;
      }
    }
    return new AnswerComponents(d, scores);
  }

  private static float[] centred(CorrectnessMatrix matrix) {
    int m = matrix.modelCount();
    int n = matrix.questionCount();
    double[] sums = new double[m];
    int[] cells = new int[m];
    for (int c = 0; c < matrix.cellCount(); c++) {
      sums[matrix.cellModel(c)] += matrix.cellScore(c);
      cells[matrix.cellModel(c)]++;
    }
    double[] means = new double[m];
    for (int i = 0; i < m; i++) {
      means[i] = cells[i] == 0 ? 0.5 : sums[i] / cells[i];
    }
    float[] centred = new float[Math.multiplyExact(n, m)];
    for (int j = 0; j < n; j++) {
      double deviation = 0;
      for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
        deviation += matrix.cellScore(c) - means[matrix.cellModel(c)];
      }
      deviation /= Math.max(1, matrix.cellCount(j));
      for (int i = 0; i < m; i++) {
        centred[j * m + i] = (float) (Math.clamp(means[i] + deviation, 0.0, 1.0) - means[i]);
      }
      for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
        int i = matrix.cellModel(c);
        centred[j * m + i] = (float) (matrix.cellScore(c) - means[i]);
      }
    }
    return centred;
  }

  /// d, the number of components.
  int count() {
    return count;
  }

  /// The score of a question on a component.
  @Override
  public double score(int question, int component) {
    return scores[question * count + component];
  }
}
