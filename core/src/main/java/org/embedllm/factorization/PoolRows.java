package org.embedllm.factorization;

import java.util.Arrays;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.linalg.Workers;

/// The vectors of all models of a pool, each the exact solution of its own convex problem, with the
/// prior they share.
///
/// The prior is empirical Bayes: its mean is the mean of the pool's vectors, its variances are
/// their spread plus their own uncertainty, found by turns. A coordinate in which the models do not
/// differ gets a small variance, so thin evidence leaves a model where the pool is and a router
/// with its best single model.
final class PoolRows {
  private static final int ROUNDS = 5;
  private static final double MIN_VARIANCE = 1e-4;

  private final int dimension; // k
  private final RowPosterior[] rows; // [m]
  private final RowPrior prior;

  private PoolRows(int dimension, RowPosterior[] rows, RowPrior prior) {
    this.dimension = dimension;
    this.rows = rows;
    this.prior = prior;
  }

  /// Solves all rows.
  ///
  /// @param inputs [n, k], row-major
  static PoolRows solve(CorrectnessMatrix train, double[] inputs, int k, Workers workers) {
    int m = train.modelCount();
    int[][] questions = new int[m][];
    double[][] scores = new double[m][];
    collect(train, questions, scores);
    double[] mean = new double[k];
    double[] variances = new double[k];
    Arrays.fill(variances, 1);
    variances[0] = 100;
    RowPosterior[] rows = new RowPosterior[m];
    for (int round = 0; round < ROUNDS; round++) {
      RowPrior prior = RowPrior.ofVariances(mean, variances);
      solveAll(rows, questions, scores, inputs, k, prior, workers);
      Arrays.fill(mean, 0);
      Arrays.fill(variances, 0);
      for (RowPosterior row : rows) {
        double[] x = row.mean();
        for (int i = 0; i < k; i++) {
          mean[i] += x[i] / m;
        }
      }
      for (RowPosterior row : rows) {
        double[] x = row.mean();
        double[] covariance = row.covariance();
        for (int i = 0; i < k; i++) {
          variances[i] += ((x[i] - mean[i]) * (x[i] - mean[i]) + covariance[i * k + i]) / m;
        }
      }
      for (int i = 0; i < k; i++) {
        variances[i] = Math.max(MIN_VARIANCE, variances[i]);
      }
    }
    RowPrior prior = RowPrior.ofVariances(mean, variances).rounded();
    solveAll(rows, questions, scores, inputs, k, prior, workers);
    return new PoolRows(k, rows, prior);
  }

  private static void collect(CorrectnessMatrix train, int[][] questions, double[][] scores) {
    int[] cells = new int[train.modelCount()];
    for (int c = 0; c < train.cellCount(); c++) {
      cells[train.cellModel(c)]++;
    }
    for (int i = 0; i < cells.length; i++) {
      questions[i] = new int[cells[i]];
      scores[i] = new double[cells[i]];
      cells[i] = 0;
    }
    for (int j = 0; j < train.questionCount(); j++) {
      for (int c = train.firstCell(j); c < train.firstCell(j + 1); c++) {
        int i = train.cellModel(c);
        questions[i][cells[i]] = j;
        scores[i][cells[i]++] = train.cellScore(c);
      }
    }
  }

  private static void solveAll(
      RowPosterior[] rows,
      int[][] questions,
      double[][] scores,
      double[] inputs,
      int k,
      RowPrior prior,
      Workers workers) {
    workers.run(
        rows.length,
        i -> {
          double[] own = new double[questions[i].length * k];
          for (int a = 0; a < questions[i].length; a++) {
            System.arraycopy(inputs, questions[i][a] * k, own, a * k, k);
          }
          rows[i] = RowSolver.solve(own, scores[i], prior);
        });
  }

  int count() {
    return rows.length;
  }

  /// k, the length of a row.
  int dimension() {
    return dimension;
  }

  RowPosterior row(int model) {
    return rows[model];
  }

  RowPrior prior() {
    return prior;
  }
}
