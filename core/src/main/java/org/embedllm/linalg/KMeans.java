package org.embedllm.linalg;

import java.util.Arrays;

/// The two steps of k-means (Lloyd, 1982): which centre a point belongs to, and where the points of
/// a centre are. The same points give the same answer, whatever the number of threads.
public final class KMeans {
  private static final int BLOCK = 256;
  private static final int TILE = 512;

  private KMeans() {}

  /// The centre c with the largest x·c − h_c for each point x; the first one of equals. With h = 0
  /// and rows of length 1 that is the largest cosine, with h = |c|² / 2 the least distance.
  ///
  /// @param points [n, q]
  /// @param q number of columns
  /// @param centres [r, q]
  /// @param offsets h, `[r]`
  /// @return rows of centres, `[n]`
  public static int[] owners(
      float[] points, int q, float[] centres, float[] offsets, Workers workers) {
    int n = points.length / q;
    int r = offsets.length;
    float[] transposed = new float[Math.multiplyExact(q, r)];
    for (int i = 0; i < r; i++) {
      for (int k = 0; k < q; k++) {
        transposed[k * r + i] = centres[i * q + k];
      }
    }
    int[] owners = new int[n];
    Kernels kernels = Kernels.best();
    workers.run(
        Math.ceilDiv(n, BLOCK),
        block -> {
          int from = block * BLOCK;
          int rows = Math.min(BLOCK, n - from);
          float[] largest = new float[rows];
          Arrays.fill(largest, Float.NEGATIVE_INFINITY);
          float[] products = new float[rows * Math.min(TILE, r)];
          for (int first = 0; first < r; first += TILE) {
            int width = Math.min(TILE, r - first);
            Arrays.fill(products, 0f);
            kernels.multiplyAdd(
                rows, width, q, points, from * q, q, 1, transposed, first, r, products, 0, width);
            for (int j = 0; j < rows; j++) {
              for (int i = 0; i < width; i++) {
                float value = products[j * width + i] - offsets[first + i];
                if (value > largest[j]) {
                  largest[j] = value;
                  owners[from + j] = first + i;
                }
              }
            }
          }
        });
    return owners;
  }

  /// Sums of the points of each centre, in the order of the points, [r, q].
  ///
  /// @param points [n, q]
  /// @param q number of columns
  /// @param owners rows of centres, `[n]`
  /// @param r number of centres
  public static double[] sums(float[] points, int q, int[] owners, int r, Workers workers) {
    double[] sums = new double[Math.multiplyExact(r, q)];
    int parts = Math.min(q, workers.threads());
    workers.run(
        parts,
        part -> {
          int first = part * q / parts;
          int last = (part + 1) * q / parts;
          for (int j = 0; j < owners.length; j++) {
            int at = owners[j] * q;
            for (int k = first; k < last; k++) {
              sums[at + k] += points[j * q + k];
            }
          }
        });
    return sums;
  }

  /// How many points each centre has, `[r]`.
  ///
  /// @param owners rows of centres, `[n]`
  public static int[] sizes(int[] owners, int r) {
    int[] sizes = new int[r];
    for (int owner : owners) {
      sizes[owner]++;
    }
    return sizes;
  }
}
