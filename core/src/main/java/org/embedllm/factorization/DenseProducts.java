package org.embedllm.factorization;

import java.util.Arrays;
import org.embedllm.linalg.Kernels;

/// The cells of a block as a [B, m] matrix in which an unobserved cell has no gradient.
final class DenseProducts extends CellProducts {
  private static final int TRANSPOSED = 8; // columns at once: a cache line of each

  private final Kernels kernels;
  private final int columns; // m padded
  private final float[] z; // [B, columns], logits, then their gradient
  private final float[] y; // [B, columns], targets, NaN where unobserved
  private final float[] losses; // [B, columns]
  private final float[] q; // [m, width], P ∘ w
  private final float[] qt; // [width, columns], its transpose
  private final double[] rowGradient; // [B], sums of the gradient's rows
  private int[] order = new int[0];
  private int from;
  private int rows;

  DenseProducts(TrainingProblem problem, int width, int blockQuestions, Kernels kernels) {
    super(problem, width, blockQuestions);
    this.kernels = kernels;
    this.columns = TrainingState.padded(m);
    this.z = new float[Math.multiplyExact(blockQuestions, columns)];
    this.y = new float[z.length];
    this.losses = new float[z.length];
    this.rowGradient = new double[blockQuestions];
    this.q = new float[Math.multiplyExact(m, width)];
    this.qt = new float[Math.multiplyExact(width, columns)];
  }

  @Override
  void begin(int[] order, int from, int rows) {
    this.order = order;
    this.from = from;
    this.rows = rows;
  }

  @Override
  void rows(int first, int end, float[] v, float[] dv, float bias, float scale) {
    int count = end - first;
    int zAt = first * columns;
    int vAt = first * width;
    Arrays.fill(z, zAt, end * columns, bias);
    kernels.multiplyAdd(count, columns, width, v, vAt, width, 1, qt, 0, columns, z, zAt, columns);
    for (int row = first; row < end; row++) {
      rowLoss[row] = gradient(order[from + row], row * columns, scale);
    }
    kernels.multiplyAdd(count, width, m, z, zAt, columns, 1, q, 0, width, dv, vAt, width);
  }

  /// Turns a row of logits into the gradient of the loss and returns the row's loss.
  private double gradient(int question, int at, float scale) {
    Arrays.fill(y, at, at + columns, Float.NaN);
    train.copyScores(question, y, at);
    kernels.crossEntropy(z, y, losses, at, columns, scale);
    rowGradient[at / columns] = sum(z, at, columns); // 0 where there is no cell
    return sum(losses, at, columns);
  }

  /// @param length a multiple of 4
  private static double sum(float[] values, int from, int length) {
    // Four sums at once: a single one would wait for its own result.
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    for (int i = from; i < from + length; i += 4) {
      s0 += values[i];
      s1 += values[i + 1];
      s2 += values[i + 2];
      s3 += values[i + 3];
    }
    return (s0 + s1) + (s2 + s3);
  }

  @Override
  void modelGradient(float[] v, float[] dq, int first, int end) {
    kernels.multiplyAdd(m, end - first, rows, z, 0, 1, columns, v, first, width, dq, first, width);
  }

  @Override
  double gradientSum() {
    double sum = 0;
    for (int row = 0; row < rows; row++) {
      sum += rowGradient[row];
    }
    return sum;
  }

  @Override
  void weigh(float[] p, float[] w, int first, int end) {
    for (int i = 0; i < m; i++) {
      int at = i * width + first;
      kernels.multiply(p, at, w, first, q, at, end - first);
    }
    for (int k = first; k < end; k += TRANSPOSED) {
      transpose(k, Math.min(end, k + TRANSPOSED));
    }
  }

  private void transpose(int first, int end) {
    for (int i = 0; i < m; i++) {
      for (int k = first; k < end; k++) {
        qt[k * columns + i] = q[i * width + k];
      }
    }
  }
}
