package org.embedllm.linalg;

import java.util.Arrays;

/// The two steps of k-means (Lloyd, 1982): which center a point belongs to, and where the points of
/// a center are. The same points give the same answer, whatever the number of threads.
public final class KMeans {
  private static final int BLOCK = 256;
  private static final int TILE = 512;

  private KMeans() {}

  /// The center c with the largest x·c − h_c for each point x; the first one of equals. With h = 0
  /// and rows of length 1 that is the largest cosine, with h = |c|² / 2 the least distance.
  ///
  /// @param points [n, q]
  /// @param q number of columns
  /// @param centers [r, q]
  /// @param offsets h, `[r]`
  /// @return rows of centers, `[n]`
  public static int[] owners(
      float[] points, int q, float[] centers, float[] offsets, Workers workers) {
    return nearest(points, q, centers, offsets, 1, workers);
  }

  /// For each point the centers with the largest x·c − h_c, the largest first; the first one of
  /// equals.
  ///
  /// @param count how many of them, at most r
  /// @return rows of centers, [n, count]
  public static int[] nearest(
      float[] points, int q, float[] centers, float[] offsets, int count, Workers workers) {
    int n = points.length / q;
    int r = offsets.length;
    float[] transposed = new float[Math.multiplyExact(q, r)];
    for (int i = 0; i < r; i++) {
      for (int k = 0; k < q; k++) {
        transposed[k * r + i] = centers[i * q + k];
      }
    }
    int[] nearest = new int[Math.multiplyExact(n, count)];
    Kernels kernels = Kernels.best();
    workers.run(
        Math.ceilDiv(n, BLOCK),
        block -> {
          int from = block * BLOCK;
          int rows = Math.min(BLOCK, n - from);
          float[] largest = new float[rows * count];
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
                if (value > largest[(j + 1) * count - 1]) {
                  insert(value, first + i, largest, j * count, nearest, (from + j) * count, count);
                }
              }
            }
          }
        });
    return nearest;
  }

  /// Puts a value among the largest, after those that are not smaller.
  private static void insert(
      float value, int center, float[] largest, int at, int[] nearest, int nearestAt, int count) {
    int place = count - 1;
    for (; place > 0 && value > largest[at + place - 1]; place--) {
      largest[at + place] = largest[at + place - 1];
      nearest[nearestAt + place] = nearest[nearestAt + place - 1];
    }
    largest[at + place] = value;
    nearest[nearestAt + place] = center;
  }

  /// Like [#owners] with h = 0, among a few candidates for each point.
  ///
  /// @param candidates rows of centers, [n, count]
  public static int[] ownersAmong(
      float[] points, int q, float[] centers, int[] candidates, int count, Workers workers) {
    int n = points.length / q;
    int[] owners = new int[n];
    Kernels kernels = Kernels.best();
    int whole = q - q % Kernels.DOT_LANES;
    workers.run(
        Math.ceilDiv(n, BLOCK),
        block -> {
          float[] lanes = new float[Kernels.DOT_LANES];
          for (int j = block * BLOCK; j < Math.min(n, (block + 1) * BLOCK); j++) {
            float largest = Float.NEGATIVE_INFINITY;
            for (int at = j * count; at < (j + 1) * count; at++) {
              int center = candidates[at] * q;
              float value = kernels.dot(points, j * q, centers, center, whole, lanes);
              for (int k = whole; k < q; k++) {
                value = Math.fma(points[j * q + k], centers[center + k], value);
              }
              if (value > largest) {
                largest = value;
                owners[j] = candidates[at];
              }
            }
          }
        });
    return owners;
  }

  /// Sums of the points of each center, in the order of the points, [r, q].
  ///
  /// @param points [n, q]
  /// @param q number of columns
  /// @param owners rows of centers, `[n]`
  /// @param r number of centers
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

  /// How many points each center has, `[r]`.
  ///
  /// @param owners rows of centers, `[n]`
  public static int[] sizes(int[] owners, int r) {
    int[] sizes = new int[r];
    for (int owner : owners) {
      sizes[owner]++;
    }
    return sizes;
  }
}
