package org.embedllm.factorization;

import org.embedllm.linalg.Kernels;

/// The observed cells of a block, one after the other, by question: time and memory depend on their
/// number.
final class SparseProducts extends CellProducts {
  private final Kernels kernels;
  private final int[] firstCell; // [B + 1], where a row's cells start, a whole vector apart
  private final int[] question; // [B]
  private final float[] q; // [m, width], P ∘ w
  private float[] z = new float[0]; // [cells of the block], logits, then their gradient
  private float[] y = new float[0]; // [cells], targets, NaN in the padding
  private float[] losses = new float[0]; // [cells]
  private int rows;

  SparseProducts(TrainingProblem problem, int width, int blockQuestions, Kernels kernels) {
    super(problem, width, blockQuestions);
    this.kernels = kernels;
    this.firstCell = new int[blockQuestions + 1];
    this.question = new int[blockQuestions];
    this.q = new float[Math.multiplyExact(m, width)];
  }

  @Override
  void begin(int[] order, int from, int count) {
    this.rows = count;
    for (int row = 0; row < count; row++) {
      question[row] = order[from + row];
      firstCell[row + 1] = firstCell[row] + TrainingState.padded(train.cellCount(question[row]));
    }
    if (z.length < firstCell[count]) {
      z = new float[firstCell[count]];
      y = new float[firstCell[count]];
      losses = new float[firstCell[count]];
    }
  }

  @Override
  void rows(int first, int end, float[] v, float[] dv, float bias, float scale) {
    float[] lanes = new float[Kernels.DOT_LANES];
    for (int row = first; row < end; row++) {
      int at = firstCell[row];
      int begin = train.firstCell(question[row]);
      int count = train.cellCount(question[row]);
      for (int c = 0; c < count; c++) {
        int model = train.cellModel(begin + c);
        z[at + c] = bias + kernels.dot(v, row * width, q, model * width, width, lanes);
        y[at + c] = train.cellScore(begin + c);
      }
      java.util.Arrays.fill(y, at + count, firstCell[row + 1], Float.NaN);
      kernels.crossEntropy(z, y, losses, at, firstCell[row + 1] - at, scale);
      double loss = 0;
      for (int c = 0; c < count; c++) {
        loss += losses[at + c];
        int model = train.cellModel(begin + c);
        kernels.addScaled(z[at + c], q, model * width, dv, row * width, width);
      }
      rowLoss[row] = loss;
    }
  }

  @Override
  void modelGradient(float[] v, float[] dq, int first, int end) {
    for (int row = 0; row < rows; row++) {
      int begin = train.firstCell(question[row]);
      int count = train.cellCount(question[row]);
      for (int c = 0; c < count; c++) {
        int model = train.cellModel(begin + c);
        float gradient = z[firstCell[row] + c];
        kernels.addScaled(gradient, v, row * width + first, dq, model * width + first, end - first);
      }
    }
  }

  @Override
  double gradientSum() {
    double sum = 0;
    for (int at = 0; at < firstCell[rows]; at++) {
      sum += z[at];
    }
    return sum;
  }

  @Override
  void weigh(float[] p, float[] w, int first, int end) {
    for (int i = 0; i < m; i++) {
      int at = i * width + first;
      kernels.multiply(p, at, w, first, q, at, end - first);
    }
  }
}
