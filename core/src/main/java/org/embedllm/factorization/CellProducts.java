package org.embedllm.factorization;

import org.embedllm.correctness.CorrectnessMatrix;

/// The cells of a block in a step: logits, loss, and the two products of the logits' gradient.
/// Dense where most cells are observed, cell by cell where few are.
abstract sealed class CellProducts permits DenseProducts, SparseProducts {
  /// Below this share of observed cells, going cell by cell is faster than a matrix product that
  /// takes all of them (docs/benchmarks.md).
  private static final double SPARSE_BELOW = 0.12;

  final CorrectnessMatrix train;
  final int m;
  final int width; // d padded
  final double[] rowLoss; // [B]

  CellProducts(TrainingProblem problem, int width, int blockQuestions) {
    this.train = problem.train();
    this.m = train.modelCount();
    this.width = width;
    this.rowLoss = new double[blockQuestions];
  }

  /// Whether a training set has so few observed cells that they are gone through one by one.
  static boolean isSparse(CorrectnessMatrix train) {
    double cells = (double) train.modelCount() * train.questionCount();
    return train.cellCount() < SPARSE_BELOW * cells;
  }

  /// Prepares for a block, before any of its rows.
  ///
  /// @param order questions of the epoch; the block starts at `from` and has `rows` of them
  abstract void begin(int[] order, int from, int rows);

  /// Rows `first` to `end` of the block: the logits Z = V Qᵀ + bias, the loss of each row, the
  /// gradient G of the mean loss by the logits, and dV = G Q.
  ///
  /// @param v [B, width], projected questions
  /// @param dv [B, width], zero at these rows; modified
  /// @param bias c_1 − c_0
  /// @param scale one over the number of cells of the block
  abstract void rows(int first, int end, float[] v, float[] dv, float bias, float scale);

  /// Columns `first` to `end` of dQ = Gᵀ V.
  ///
  /// @param dq [m, width], zero at these columns; modified
  abstract void modelGradient(float[] v, float[] dq, int first, int end);

  /// Sum of G.
  abstract double gradientSum();

  /// Recomputes columns `first` to `end` of Q = P ∘ w.
  ///
  /// @param p [m, width]
  /// @param w [width]
  abstract void weigh(float[] p, float[] w, int first, int end);

  /// Sum of the block's losses.
  double loss(int rows) {
    double loss = 0;
    for (int row = 0; row < rows; row++) {
      loss += rowLoss[row];
    }
    return loss;
  }
}
