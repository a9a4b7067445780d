package org.embedllm.factorization;

import java.util.Arrays;
import org.embedllm.tensor.FloatMatrix;

/// Dot products of one vector with all landmarks. Immutable.
///
/// One question reads every landmark once, so memory is the limit: a value is a byte where each
/// column of the landmarks is a grid of 8 bits, and a float otherwise. Each column is an array of
/// its own, since the just-in-time compiler vectorizes a loop only where all arrays share one
/// index; there are two such loops, since they know the type of their arrays. Both forms give the
/// bits of [org.embedllm.linalg.Kernels#multiplyAdd].
final class LandmarkColumns {
  private static final int LARGEST = Byte.MAX_VALUE;
  private static final int TOGETHER = 4; // columns
  private static final double SHORTER = 1e-4; // squared lengths are 1 − 1e-4, at most 1e-4 off

  private final float[] steps; // of the grids, [q]; 1 without grids
  private final byte[][] bytes; // [q, rounded up][r]; empty without grids
  private final float[][] floats; // [q, rounded up][r]; empty with grids

  private LandmarkColumns(float[] steps, byte[][] bytes, float[][] floats) {
    this.steps = steps;
    this.bytes = bytes;
    this.floats = floats;
  }

  /// @param landmarks [r, q]
  static LandmarkColumns of(FloatMatrix landmarks) {
    int r = landmarks.rows();
    int q = landmarks.columns();
    int columns = Math.ceilDiv(q, TOGETHER) * TOGETHER;
    float[] values = landmarks.sharedArray();
    float[] steps = steps(landmarks);
    byte[][] bytes = new byte[columns][r];
    for (int i = 0; i < r; i++) {
      for (int k = 0; k < q; k++) {
        float number = values[i * q + k] / steps[k]; // exact
        bytes[k][i] = (byte) number;
        if (bytes[k][i] != number) {
          Arrays.fill(steps, 1);
          return new LandmarkColumns(steps, new byte[0][], floats(landmarks, columns));
        }
      }
    }
    return new LandmarkColumns(steps, bytes, new float[0][]);
  }

  private static float[][] floats(FloatMatrix landmarks, int columns) {
    float[][] floats = new float[columns][landmarks.rows()];
    for (int k = 0; k < landmarks.columns(); k++) {
      for (int i = 0; i < landmarks.rows(); i++) {
        floats[k][i] = landmarks.get(i, k);
      }
    }
    return floats;
  }

  /// Landmarks on a grid of 8 bits in each column, whose step is a power of two. Rows keep their
  /// length but for less than one part in 10,000, and never get longer: no dot product with a unit
  /// vector is above 1. For that, of the values that lie between two points of the grid, those
  /// nearest to the middle go to the other one until the length is right. With few columns the grid
  /// does not allow it; then landmarks stay as they are.
  ///
  /// @param landmarks [r, q]
  /// @return [r, q], no value further than a step from its own
  static FloatMatrix rounded(FloatMatrix landmarks) {
    int q = landmarks.columns();
    float[] steps = steps(landmarks);
    float[] values = landmarks.toArray();
    for (int i = 0; i < landmarks.rows(); i++) {
      double off = round(Arrays.copyOfRange(values, i * q, (i + 1) * q), steps, values, i * q);
      if (Math.abs(off) > SHORTER) {
        return landmarks;
      }
    }
    return FloatMatrix.wrap(landmarks.rows(), q, values);
  }

  /// @return by how much the squared length is off
  private static double round(float[] row, float[] steps, float[] into, int at) {
    double excess = SHORTER; // of the squared length
    double[] changes = new double[row.length]; // of it, where a value goes to its other point
    double[] errors = new double[row.length]; // squared, for each unit of a change
    for (int k = 0; k < row.length; k++) {
      float step = steps[k];
      float point = Math.round(row[k] / step) * step;
      into[at + k] = point;
      excess += (double) point * point - (double) row[k] * row[k];
      float other = other(row[k], point, step);
      double change = (double) other * other - (double) point * point;
      boolean open = change != 0 && Math.abs(other) <= LARGEST * step;
      changes[k] = open ? change : 0;
      errors[k] = step * (step - 2 * (double) Math.abs(row[k] - point)) / Math.abs(change);
    }
    while (true) {
      int best = -1;
      double least = Double.POSITIVE_INFINITY;
      for (int k = 0; k < row.length; k++) {
        if (errors[k] < least && Math.abs(excess + changes[k]) < Math.abs(excess)) {
          best = k;
          least = errors[k];
        }
      }
      if (best < 0) {
        return excess;
      }
      excess += changes[best];
      into[at + best] = other(row[best], into[at + best], steps[best]);
      changes[best] = 0;
    }
  }

  private static float other(float value, float point, float step) {
    return value > point ? point + step : value < point ? point - step : point;
  }

  /// The smallest power of two for each column with which its largest value is at most 127 steps.
  private static float[] steps(FloatMatrix landmarks) {
    int q = landmarks.columns();
    float[] values = landmarks.sharedArray();
    float[] largest = new float[q];
    for (int at = 0; at < values.length; at++) {
      largest[at % q] = Math.max(largest[at % q], Math.abs(values[at]));
    }
    float[] steps = new float[q];
    for (int k = 0; k < q; k++) {
      steps[k] = largest[k] > 0 ? power(largest[k] / LARGEST) : 1;
    }
    return steps;
  }

  /// The smallest power of two that is at least x.
  private static float power(float x) {
    float below = Float.intBitsToFloat(Float.floatToRawIntBits(x) & 0x7f800000);
    return below < x ? 2 * below : below;
  }

  /// Adds the products of some columns.
  ///
  /// @param vectors from `at` on `[q]`
  /// @param from first column
  /// @param to the column after the last
  /// @param sums `[r]`, modified
  void add(float[] vectors, int at, int from, int to, float[] sums) {
    float[] factors = new float[TOGETHER]; // 0 for columns outside
    for (int k = from - from % TOGETHER; k < to; k += TOGETHER) {
      for (int c = 0; c < TOGETHER; c++) {
        boolean inside = k + c >= from && k + c < to;
        factors[c] = inside ? vectors[at + k + c] * steps[k + c] : 0;
      }
      if (bytes.length > 0) {
        addFour(factors, bytes[k], bytes[k + 1], bytes[k + 2], bytes[k + 3], sums);
      } else {
        addFour(factors, floats[k], floats[k + 1], floats[k + 2], floats[k + 3], sums);
      }
    }
  }

  private static void addFour(
      float[] factors, byte[] x0, byte[] x1, byte[] x2, byte[] x3, float[] sums) {
    float f0 = factors[0];
    float f1 = factors[1];
    float f2 = factors[2];
    float f3 = factors[3];
    for (int i = 0; i < sums.length; i++) {
      float sum = Math.fma(f0, x0[i], sums[i]);
      sum = Math.fma(f1, x1[i], sum);
      sum = Math.fma(f2, x2[i], sum);
      sums[i] = Math.fma(f3, x3[i], sum);
    }
  }

  private static void addFour(
      float[] factors, float[] x0, float[] x1, float[] x2, float[] x3, float[] sums) {
    float f0 = factors[0];
    float f1 = factors[1];
    float f2 = factors[2];
    float f3 = factors[3];
    for (int i = 0; i < sums.length; i++) {
      float sum = Math.fma(f0, x0[i], sums[i]);
      sum = Math.fma(f1, x1[i], sum);
      sum = Math.fma(f2, x2[i], sum);
      sums[i] = Math.fma(f3, x3[i], sum);
    }
  }
}
