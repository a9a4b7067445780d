package org.embedllm.kernel;

import java.util.Arrays;
import org.embedllm.linalg.Kernels;
import org.embedllm.linalg.Workers;
import org.embedllm.tensor.FloatMatrix;

/// Kᵀ K of the first columns of a kernel, summed in float over 512 questions and in double over
/// those sums.
final class KernelGram {
  private static final int BLOCK = 512;
  private static final int LARGEST_TILE = 128;
  private static final int TILES = 16;

  private KernelGram() {}

  /// @param kernel K, [n, r]
  /// @param columns s, at most r
  /// @return [s, s], the lower triangle; zero above
  static double[] of(FloatMatrix kernel, int columns, Kernels kernels, Workers workers) {
    int n = kernel.rows();
    int r = kernel.columns();
    float[] k = kernel.sharedArray();
    double[] sums = new double[columns * columns];
    int tile = Math.min(LARGEST_TILE, Math.ceilDiv(columns, TILES));
    workers.run(
        Math.ceilDiv(columns, tile),
        at -> {
          int first = at * tile;
          int last = Math.min(columns, first + tile);
          float[] part = new float[(last - first) * last];
          for (int from = 0; from < n; from += BLOCK) {
            Arrays.fill(part, 0f);
            int rows = Math.min(BLOCK, n - from);
            kernels.multiplyAdd(
                last - first, last, rows, k, from * r + first, 1, r, k, from * r, r, part, 0, last);
            for (int i = first; i < last; i++) {
              for (int l = 0; l <= i; l++) {
                sums[i * columns + l] += part[(i - first) * last + l];
              }
            }
          }
        });
    return sums;
  }
}
