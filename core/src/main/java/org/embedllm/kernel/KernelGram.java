package org.embedllm.kernel;

import java.util.Arrays;
import org.embedllm.linalg.Kernels;
import org.embedllm.linalg.Workers;

/// Kᵀ K of the first columns of a kernel, summed in float over 512 questions and in double over
/// those sums.
final class KernelGram {
  private static final int BLOCK = 512;
  private static final int PANEL = 48; // columns that a product takes at once
  private static final int LARGEST_TILE = 5 * PANEL; // its sums stay in the second cache
  private static final int TILES = 8;

  private final float[] kernel; // K [n, r]
  private final int n;
  private final int stride;
  private final int columns; // s
  private final int tile;
  private final double[] sums; // [s, s]
  private final Kernels kernels;

  private KernelGram(KernelMatrix kernel, int columns, Kernels kernels) {
    this.kernel = kernel.sharedArray();
    this.n = kernel.rows();
    this.stride = kernel.stride();
    this.columns = columns;
    this.tile = Math.min(LARGEST_TILE, Math.ceilDiv(Math.ceilDiv(columns, TILES), PANEL) * PANEL);
    this.sums = new double[columns * columns];
    this.kernels = kernels;
  }

  /// @param kernel K, [n, r]
  /// @param columns s, at most r
  /// @return [s, s], the lower triangle; zero above
  static double[] of(KernelMatrix kernel, int columns, Kernels kernels, Workers workers) {
    var gram = new KernelGram(kernel, columns, kernels);
    int tiles = Math.ceilDiv(columns, gram.tile);
    int[] rowOf = new int[tiles * (tiles + 1) / 2];
    for (int row = 0; row < tiles; row++) {
      Arrays.fill(rowOf, row * (row + 1) / 2, (row + 1) * (row + 2) / 2, row);
    }
    workers.run(
        rowOf.length, task -> gram.tile(rowOf[task], task - rowOf[task] * (rowOf[task] + 1) / 2));
    return gram.sums;
  }

  /// The sums of one tile of rows and one of columns, not above the diagonal.
  private void tile(int tileRow, int tileColumn) {
    int top = tileRow * tile;
    int left = tileColumn * tile;
    int rows = Math.min(tile, columns - top);
    int width = Math.min(tile, columns - left);
    float[] part = new float[rows * width];
    for (int from = 0; from < n; from += BLOCK) {
      Arrays.fill(part, 0f);
      int count = Math.min(BLOCK, n - from);
      for (int panel = 0; panel < width; panel += PANEL) {
        int first = top == left ? panel : 0; // rows above the diagonal are not needed
        kernels.multiplyAdd(
            rows - first,
            Math.min(PANEL, width - panel),
            count,
            kernel,
            from * stride + top + first,
            1,
            stride,
            kernel,
            from * stride + left + panel,
            stride,
            part,
            first * width + panel,
            width);
      }
      for (int i = 0; i < rows; i++) {
        int at = (top + i) * columns + left;
        int last = top == left ? i + 1 : width;
        for (int l = 0; l < last; l++) {
          sums[at + l] += part[i * width + l];
        }
      }
    }
  }
}
