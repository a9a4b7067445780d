package org.embedllm.linalg;

/// The Cholesky factor L of a symmetric positive definite matrix A = L Lᵀ, in double precision.
/// Immutable; the same bits for any number of threads.
public final class Cholesky {
  /*
   * Right-looking by panels of 64 columns: the panel is factorized, then every row below takes its
   * share of −L21 L21ᵀ as additions of whole rows (a transposed copy of the panel keeps them side
   * by side). Rows are independent tasks. Each row is a separate array, because the compiler
   * vectorizes a loop only where all its operands share one index. Eight rows are added at once, so
   * the sum is loaded and stored an eighth as often.
   */
  private static final int PANEL = 64;

  private final int size;
  private final double[] lower; // [size, size], row-major, the upper triangle is never read

  private Cholesky(int size, double[] lower) {
    this.size = size;
    this.lower = lower;
  }

  /// Factorizes a matrix.
  ///
  /// @param size rows and columns
  /// @param matrix [size, size], only the lower triangle is read; not modified
  /// @throws IllegalArgumentException when the matrix is not positive definite
  public static Cholesky of(int size, double[] matrix, Workers workers) {
    return overwriting(size, matrix.clone(), workers);
  }

  /// The same in the place of the matrix, for large ones.
  ///
  /// @param size rows and columns
  /// @param lower [size, size], only the lower triangle is read; it becomes L, and must not be used
  ///   afterwards
  /// @throws IllegalArgumentException when the matrix is not positive definite
  public static Cholesky overwriting(int size, double[] lower, Workers workers) {
    double[][] panel = new double[PANEL][size]; // transposed panel
    for (int from = 0; from < size; from += PANEL) {
      int to = Math.min(size, from + PANEL);
      factorizeDiagonal(lower, size, from, to);
      int start = from;
      int blocks = (size - to + PANEL - 1) / PANEL;
      workers.run(
          blocks,
          block -> {
            int first = to + block * PANEL;
            for (int i = first; i < Math.min(size, first + PANEL); i++) {
              solveRow(lower, size, start, to, i);
              for (int k = start; k < to; k++) {
                panel[k - start][i] = lower[i * size + k];
              }
            }
          });
      workers.run(
          blocks,
          block -> {
            int first = to + block * PANEL;
            double[] row = new double[size];
            double[] factors = new double[PANEL];
            for (int i = first; i < Math.min(size, first + PANEL); i++) {
              System.arraycopy(lower, i * size + to, row, to, i + 1 - to);
              System.arraycopy(lower, i * size + start, factors, 0, to - start);
              subtract(row, to, i + 1, factors, panel, 0, to - start);
              System.arraycopy(row, to, lower, i * size + to, i + 1 - to);
            }
          });
    }
    return new Cholesky(size, lower);
  }

  private static void factorizeDiagonal(double[] a, int size, int from, int to) {
    for (int i = from; i < to; i++) {
      for (int j = from; j <= i; j++) {
        double sum = a[i * size + j];
        for (int k = from; k < j; k++) {
          sum -= a[i * size + k] * a[j * size + k];
        }
        if (i == j) {
          if (!(sum > 0)) {
            throw new IllegalArgumentException(
                "the matrix is not positive definite: pivot %d is %s".formatted(i, sum));
          }
          a[i * size + i] = Math.sqrt(sum);
        } else {
          a[i * size + j] = sum / a[j * size + j];
        }
      }
    }
  }

  private static void solveRow(double[] a, int size, int from, int to, int i) {
    for (int j = from; j < to; j++) {
      double sum = a[i * size + j];
      for (int k = from; k < j; k++) {
        sum -= a[i * size + k] * a[j * size + k];
      }
      a[i * size + j] = sum / a[j * size + j];
    }
  }

  /// `row −= Σ_k factors_k rows_k` for the columns `from` to `to`, the latter not included.
  ///
  /// @param first the first row that is subtracted
  /// @param count how many are
  private static void subtract(
      double[] row, int from, int to, double[] factors, double[][] rows, int first, int count) {
    int k = first;
    for (; k + 8 <= first + count; k += 8) {
      subtractEight(row, from, to, factors, rows, k);
    }
    for (; k < first + count; k++) {
      double factor = factors[k];
      double[] other = rows[k];
      for (int j = from; j < to; j++) {
        row[j] -= factor * other[j];
      }
    }
  }

  private static void subtractEight(
      double[] row, int from, int to, double[] factors, double[][] rows, int k) {
    double f0 = factors[k];
    double f1 = factors[k + 1];
    double f2 = factors[k + 2];
    double f3 = factors[k + 3];
    double f4 = factors[k + 4];
    double f5 = factors[k + 5];
    double f6 = factors[k + 6];
    double f7 = factors[k + 7];
    double[] r0 = rows[k];
    double[] r1 = rows[k + 1];
    double[] r2 = rows[k + 2];
    double[] r3 = rows[k + 3];
    double[] r4 = rows[k + 4];
    double[] r5 = rows[k + 5];
    double[] r6 = rows[k + 6];
    double[] r7 = rows[k + 7];
    for (int j = from; j < to; j++) {
      row[j] -=
          ((f0 * r0[j] + f1 * r1[j]) + (f2 * r2[j] + f3 * r3[j]))
              + ((f4 * r4[j] + f5 * r5[j]) + (f6 * r6[j] + f7 * r7[j]));
    }
  }

  /// Rows and columns of the matrix.
  public int size() {
    return size;
  }

  /// Solves A x = b.
  ///
  /// @param b `[size]`, not modified
  /// @return x, `[size]`
  public double[] solve(double[] b) {
    double[] x = solveLower(b);
    for (int i = size - 1; i >= 0; i--) {
      x[i] /= lower[i * size + i];
      double value = x[i];
      for (int k = 0; k < i; k++) {
        x[k] -= lower[i * size + k] * value;
      }
    }
    return x;
  }

  /// Solves L x = b; the squared length of x is bᵀ A⁻¹ b.
  ///
  /// @param b `[size]`, not modified
  /// @return x, `[size]`
  public double[] solveLower(double[] b) {
    double[] x = b.clone();
    for (int i = 0; i < size; i++) {
      // Four sums at once: a single one would wait for its own result.
      int row = i * size;
      double s0 = 0;
      double s1 = 0;
      double s2 = 0;
      double s3 = 0;
      int k = 0;
      for (; k + 4 <= i; k += 4) {
        s0 += lower[row + k] * x[k];
        s1 += lower[row + k + 1] * x[k + 1];
        s2 += lower[row + k + 2] * x[k + 2];
        s3 += lower[row + k + 3] * x[k + 3];
      }
      for (; k < i; k++) {
        s0 += lower[row + k] * x[k];
      }
      x[i] = (x[i] - ((s0 + s1) + (s2 + s3))) / lower[row + i];
    }
    return x;
  }

  /// L⁻ᵀ, [size, size], rounded to float; zero below the diagonal.
  public float[] inverseLowerTransposed(Workers workers) {
    float[] inverse = new float[size * size];
    workers.run(
        (size + PANEL - 1) / PANEL,
        block -> {
          int from = block * PANEL;
          int width = Math.min(size, from + PANEL) - from;
          double[][] rows = new double[size][]; // columns from to from + width of L⁻¹
          double[] factors = new double[size];
          for (int i = from; i < size; i++) {
            double[] row = new double[width];
            if (i - from < width) {
              row[i - from] = 1;
            }
            System.arraycopy(lower, i * size + from, factors, from, i - from);
            subtract(row, 0, width, factors, rows, from, i - from);
            double pivot = 1 / lower[i * size + i];
            for (int j = 0; j < width; j++) {
              row[j] *= pivot;
              inverse[(from + j) * size + i] = (float) row[j];
            }
            rows[i] = row;
          }
        });
    return inverse;
  }

  /// A⁻¹, [size, size], both triangles.
  public double[] inverse() {
    double[] inverse = new double[size * size];
    double[] unit = new double[size];
    for (int i = 0; i < size; i++) {
      unit[i] = 1;
      double[] column = solve(unit);
      unit[i] = 0;
      for (int k = 0; k < size; k++) {
        inverse[k * size + i] = column[k];
      }
    }
    return inverse;
  }
}
