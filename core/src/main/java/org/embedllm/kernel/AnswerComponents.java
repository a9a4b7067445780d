package org.embedllm.kernel;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.linalg.Workers;

/// The directions in which the answers of a pool vary from question to question: principal
/// components over the models, largest first.
///
/// An unobserved cell is not wrong: it gets its model's mean plus the mean deviation of the models
/// that answered the question, limited to scores where the components are exact. For more than 512
/// models and questions they are approximate ([SubspaceIteration]): those that matter to rounding.
final class AnswerComponents implements RidgeTargets {
  // Beyond it, all eigenvectors would take longer than the rest of a training.
  private static final int LARGEST_EXACT = 512;

  private static final int TOGETHER = 8; // models

  private final int count; // d
  private final double[] scores; // [n, d]

  private AnswerComponents(int count, double[] scores) {
    this.count = count;
    this.scores = scores;
  }

  /// The first components, at most `limit` and at most as many as there are models or questions.
  static AnswerComponents of(CorrectnessMatrix matrix, int limit, Workers workers) {
    int m = matrix.modelCount();
    int smaller = Math.min(m, matrix.questionCount());
    if (smaller <= LARGEST_EXACT) {
      return of(centered(matrix), m, limit, workers);
    }
    int d = Math.min(limit, smaller);
    return new AnswerComponents(d, SubspaceIteration.scores(matrix, means(matrix), d, workers));
  }

  /// The first components of values of any kind, at most `limit` and at most as many as there are
  /// columns or rows.
  ///
  /// @param centered `[n, m]`, each column of mean 0
  static AnswerComponents of(float[] centered, int m, int limit, Workers workers) {
    int n = centered.length / m;
    int d = Math.min(limit, Math.min(m, n));
    return new AnswerComponents(
        d, m <= n ? byModels(centered, n, m, d, workers) : byQuestions(centered, n, m, d));
  }

  /// Scores from the eigenvectors of the models' covariance, [n, d].
  private static double[] byModels(float[] centered, int n, int m, int d, Workers workers) {
    DMatrixRMaj covariance = new DMatrixRMaj(m, m);
    workers.run(
        Math.ceilDiv(m, TOGETHER),
        group -> {
          int first = group * TOGETHER;
          int last = Math.min(m, first + TOGETHER);
          for (int j = 0; j < n; j++) {
            for (int a = first; a < last; a++) {
              double value = centered[j * m + a];
              for (int b = 0; b < m; b++) {
                covariance.data[a * m + b] += value * centered[j * m + b];
              }
            }
          }
        });
    double[][] vectors = vectors(covariance, d);
    double[] scores = new double[n * d];
    workers.run(
        d,
        k -> {
          double[] vector = vectors[k];
          double sign = Arrays.stream(vector).sum() < 0 ? -1 : 1;
          for (int j = 0; j < n; j++) {
            double sum = 0;
            for (int a = 0; a < m; a++) {
              sum += centered[j * m + a] * vector[a];
            }
            scores[j * d + k] = sign * sum;
          }
        });
    return scores;
  }

  /// The same scores where models are many and questions few: the eigenvectors of the questions'
  /// products, each as long as its singular value.
  private static double[] byQuestions(float[] centered, int n, int m, int d) {
    DMatrixRMaj products = new DMatrixRMaj(n, n);
    double[] sums = new double[n];
    for (int i = 0; i < n; i++) {
      for (int a = 0; a < m; a++) {
        sums[i] += centered[i * m + a];
      }
      for (int j = 0; j <= i; j++) {
        double product = 0;
        for (int a = 0; a < m; a++) {
          product += (double) centered[i * m + a] * centered[j * m + a];
        }
        products.set(i, j, product);
        products.set(j, i, product);
      }
    }
    double[][] vectors = vectors(products.copy(), d);
    double[] scores = new double[n * d];
    for (int k = 0; k < d; k++) {
      double along = 0;
      double square = 0;
      for (int i = 0; i < n; i++) {
        along += vectors[k][i] * sums[i];
        for (int j = 0; j < n; j++) {
          square += vectors[k][i] * products.get(i, j) * vectors[k][j];
        }
      }
      double length = (along < 0 ? -1 : 1) * Math.sqrt(Math.max(0, square));
      for (int i = 0; i < n; i++) {
        scores[i * d + k] = length * vectors[k][i];
      }
    }
    return scores;
  }

  /// The first eigenvectors of a symmetric matrix, largest eigenvalue first.
  static double[][] vectors(DMatrixRMaj matrix, int count) {
    var eigen = DecompositionFactory_DDRM.eig(matrix.numRows, true, true);
    if (!eigen.decompose(matrix)) {
      throw new IllegalStateException("the products of the answers have no eigenvectors");
    }
    return IntStream.range(0, matrix.numRows)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -eigen.getEigenvalue(i).getReal()))
        .limit(count)
        .map(i -> eigen.getEigenVector(i).data)
        .toArray(double[][]::new);
  }

  /// The mean of each model's answers, `[m]`; one half for a model without any.
  private static double[] means(CorrectnessMatrix matrix) {
    int m = matrix.modelCount();
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
    return means;
  }

  private static float[] centered(CorrectnessMatrix matrix) {
    int m = matrix.modelCount();
    int n = matrix.questionCount();
    double[] means = means(matrix);
    float[] centered = new float[Math.multiplyExact(n, m)];
    for (int j = 0; j < n; j++) {
      double deviation = 0;
      for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
        deviation += matrix.cellScore(c) - means[matrix.cellModel(c)];
      }
      deviation /= Math.max(1, matrix.cellCount(j));
      for (int i = 0; i < m; i++) {
        centered[j * m + i] = (float) (Math.clamp(means[i] + deviation, 0.0, 1.0) - means[i]);
      }
      for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
        int i = matrix.cellModel(c);
        centered[j * m + i] = (float) (matrix.cellScore(c) - means[i]);
      }
    }
    return centered;
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
