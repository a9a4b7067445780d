package org.embedllm.kernel;

import java.util.Arrays;

/// The kernel of questions and landmarks, K [n, r]. Its rows are not a multiple of 512 bytes apart:
/// products that go down a column would find only a few sets of the caches.
final class KernelMatrix {
  private static final int CONFLICTING = 128; // floats
  private static final int PADDING = 16; // floats: a cache line

  private final int rows;
  private final int columns;
  private final int stride;
  private final float[] values;

  private KernelMatrix(int rows, int columns, int stride) {
    this.rows = rows;
    this.columns = columns;
    this.stride = stride;
    this.values = new float[Math.multiplyExact(rows, stride)];
  }

  /// A matrix of zeros.
  static KernelMatrix zeros(int rows, int columns) {
    return new KernelMatrix(
        rows, columns, columns % CONFLICTING == 0 ? columns + PADDING : columns);
  }

  /// n.
  int rows() {
    return rows;
  }

  /// r.
  int columns() {
    return columns;
  }

  /// Distance between the starts of two rows in [#sharedArray].
  int stride() {
    return stride;
  }

  float get(int row, int column) {
    return values[row * stride + column];
  }

  /// A copy of a row, `[r]`.
  float[] row(int row) {
    return Arrays.copyOfRange(values, row * stride, row * stride + columns);
  }

  /// The values themselves, row after row.
  float[] sharedArray() {
    return values;
  }
}
