package org.embedllm.kernel;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.ejml.data.DMatrixRMaj;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.linalg.Workers;

/// The first principal components of the answers of many models to many questions, in time and
/// memory that grow with the observed cells (Halko, Martinsson and Tropp, 2011).
final class SubspaceIteration {
  /*
   * The centered answers, unobserved ones filled in, are C = S + δ 1ᵀ [n, m]: S is sparse, δ_j the mean
   * deviation of the models that answered question j. A subspace Q [m, b], of a few dimensions more
   * than components are wanted, is replaced by an orthonormal basis of Cᵀ C Q again and again. Then
   * the components are those of C Q.
   */
  private static final int MORE = 16;
  private static final int ROUNDS = 12;
  private static final long SEED = 1;
  private static final int BLOCK = 64;

  private final CorrectnessMatrix matrix;
  private final Workers workers;
  private final int n;
  private final int m;
  private final int b;
  private final double[] deviations; // δ, [n]
  private final float[] values; // of S, in the order of the cells
  private final int[] starts; // [m + 1], of each model in `cells` and `asked`
  private final int[] cells; // cells by model
  private final int[] asked; // question of each

  private SubspaceIteration(CorrectnessMatrix matrix, double[] means, int d, Workers workers) {
    this.matrix = matrix;
    this.workers = workers;
    this.n = matrix.questionCount();
    this.m = matrix.modelCount();
    this.b = Math.min(d + MORE, Math.min(n, m));
    this.deviations = new double[n];
    this.values = new float[matrix.cellCount()];
    this.starts = new int[m + 1];
    this.cells = new int[values.length];
    this.asked = new int[values.length];
    for (int c = 0; c < values.length; c++) {
      starts[matrix.cellModel(c) + 1]++;
    }
    for (int i = 0; i < m; i++) {
      starts[i + 1] += starts[i];
    }
    int[] next = starts.clone();
    for (int j = 0; j < n; j++) {
      double sum = 0;
      for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
        sum += matrix.cellScore(c) - means[matrix.cellModel(c)];
      }
      deviations[j] = sum / Math.max(1, matrix.cellCount(j));
      for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
        int i = matrix.cellModel(c);
        values[c] = (float) (matrix.cellScore(c) - means[i] - deviations[j]);
        cells[next[i]] = c;
        asked[next[i]++] = j;
      }
    }
  }

  /// Scores of the questions on the first components, [n, d].
  ///
  /// @param means of each model's answers, `[m]`
  /// @param d at most as many as there are models or questions
  static double[] scores(CorrectnessMatrix matrix, double[] means, int d, Workers workers) {
    return new SubspaceIteration(matrix, means, d, workers).run(d);
  }

  private double[] run(int d) {
    var random = new SplittableRandom(SEED);
    double[] q = random.doubles((long) m * b, -1, 1).toArray();
    orthonormalize(q);
    for (int round = 0; round < ROUNDS; round++) {
      q = byModel(byQuestion(q));
      orthonormalize(q);
    }
    double[] y = byQuestion(q);
    DMatrixRMaj products = new DMatrixRMaj(b, b);
    for (int j = 0; j < n; j++) {
      for (int k = 0; k < b; k++) {
        for (int l = 0; l < b; l++) {
          products.data[k * b + l] += y[j * b + k] * y[j * b + l];
        }
      }
    }
    double[][] vectors = AnswerComponents.vectors(products, d);
    double[] loadings = new double[b]; // sums of the columns of Q
    for (int i = 0; i < m; i++) {
      for (int k = 0; k < b; k++) {
        loadings[k] += q[i * b + k];
      }
    }
    double[] scores = new double[n * d];
    for (int c = 0; c < d; c++) {
      double sum = 0;
      for (int k = 0; k < b; k++) {
        sum += vectors[c][k] * loadings[k];
      }
      for (int j = 0; j < n; j++) {
        double score = 0;
        for (int k = 0; k < b; k++) {
          score += y[j * b + k] * vectors[c][k];
        }
        scores[j * d + c] = sum < 0 ? -score : score;
      }
    }
    return scores;
  }

  /// C Q, [n, b].
  private double[] byQuestion(double[] q) {
    double[] sum = new double[b]; // 1ᵀ Q
    for (int i = 0; i < m; i++) {
      addScaled(1, q, i * b, sum);
    }
    double[] y = new double[n * b];
    workers.run(
        Math.ceilDiv(n, BLOCK),
        block -> {
          double[] row = new double[b];
          for (int j = block * BLOCK; j < Math.min(n, (block + 1) * BLOCK); j++) {
            Arrays.fill(row, 0);
            addScaled(deviations[j], sum, 0, row);
            for (int c = matrix.firstCell(j); c < matrix.firstCell(j + 1); c++) {
              addScaled(values[c], q, matrix.cellModel(c) * b, row);
            }
            System.arraycopy(row, 0, y, j * b, b);
          }
        });
    return y;
  }

  /// Cᵀ Y, [m, b].
  private double[] byModel(double[] y) {
    double[] sum = new double[b]; // δᵀ Y
    for (int j = 0; j < n; j++) {
      addScaled(deviations[j], y, j * b, sum);
    }
    double[] z = new double[m * b];
    workers.run(
        Math.ceilDiv(m, BLOCK),
        block -> {
          for (int i = block * BLOCK; i < Math.min(m, (block + 1) * BLOCK); i++) {
            double[] row = sum.clone();
            for (int at = starts[i]; at < starts[i + 1]; at++) {
              addScaled(values[cells[at]], y, asked[at] * b, row);
            }
            System.arraycopy(row, 0, z, i * b, b);
          }
        });
    return z;
  }

  private void addScaled(double factor, double[] x, int from, double[] row) {
    for (int k = 0; k < b; k++) {
      row[k] += factor * x[from + k];
    }
  }

  /// Makes the columns orthonormal (Gram and Schmidt, twice); a column that depends on those before
  /// it becomes 0.
  private void orthonormalize(double[] q) {
    for (int k = 0; k < b; k++) {
      double before = length(q, k);
      for (int turn = 0; turn < 2; turn++) {
        double[] products = new double[b];
        for (int i = 0; i < m; i++) {
          for (int l = 0; l < k; l++) {
            products[l] += q[i * b + l] * q[i * b + k];
          }
        }
        for (int i = 0; i < m; i++) {
          double sum = 0;
          for (int l = 0; l < k; l++) {
            sum += products[l] * q[i * b + l];
          }
          q[i * b + k] -= sum;
        }
      }
      double length = length(q, k);
      double scale = length > 1e-12 * before ? 1 / length : 0;
      for (int i = 0; i < m; i++) {
        q[i * b + k] *= scale;
      }
    }
  }

  private double length(double[] q, int column) {
    double sum = 0;
    for (int i = 0; i < m; i++) {
      sum += q[i * b + column] * q[i * b + column];
    }
    return Math.sqrt(sum);
  }
}
