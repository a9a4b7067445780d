package org.embedllm.linalg;

/// The Cholesky factor L of a symmetric positive definite matrix A = L Lᵀ, in double precision.
/// Immutable; the same bits for any number of threads.
public final class Cholesky {
  /*
   * Right-looking by panels of 96 columns: the panel is factorized, then every block of 96 rows below
   * takes its share of −L21 L21ᵀ as a matrix product (a transposed copy of the panel keeps its rows
   * side by side). Blocks are independent tasks. Every sum of a factor is a chain of fused
   * multiply-adds in ascending order, so the width of a panel has no influence on its bits.
   */
  private static final int PANEL = 96; // whole tiles of a product in double, at any vector width
  private static final int ROWS = 8; // of an inverse at once

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
    Kernels kernels = Kernels.best();
    boolean one = size <= PANEL; // nothing is below a single panel
    double[] panel = new double[one ? 0 : PANEL * size]; // transposed panel
    double[] corner = new double[one ? 0 : PANEL * PANEL]; // its diagonal block, transposed
    for (int from = 0; from < size; from += PANEL) {
      int to = Math.min(size, from + PANEL);
      factorizeDiagonal(lower, size, from, to);
      if (to == size) {
        break;
      }
      for (int i = from; i < to; i++) {
        for (int k = from; k <= i; k++) {
          corner[(k - from) * PANEL + i - from] = lower[i * size + k];
        }
      }
      int start = from;
      int blocks = Math.ceilDiv(size - to, PANEL);
      workers.run(
          blocks,
          block -> {
            int first = to + block * PANEL;
            for (int i = first; i < Math.min(size, first + PANEL); i++) {
              solveRow(lower, i * size + start, to - start, corner);
              for (int k = start; k < to; k++) {
                panel[(k - start) * size + i] = lower[i * size + k];
              }
            }
          });
      workers.run(
          blocks,
          block -> {
            int first = to + block * PANEL;
            int last = Math.min(size, first + PANEL); // the diagonal block whole
            kernels.subtractProduct(
                last - first,
                last - to,
                to - start,
                lower,
                first * size + start,
                size,
                panel,
                to,
                size,
                lower,
                first * size + to,
                size);
          });
    }
    return new Cholesky(size, lower);
  }

  private static void factorizeDiagonal(double[] a, int size, int from, int to) {
    for (int i = from; i < to; i++) {
      for (int j = from; j <= i; j++) {
        double sum = a[i * size + j];
        for (int k = from; k < j; k++) {
          sum = Math.fma(-a[i * size + k], a[j * size + k], sum);
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

  /// A row of L21, from `at` on.
  private static void solveRow(double[] a, int at, int width, double[] corner) {
    for (int k = 0; k < width; k++) {
      double x = a[at + k] / corner[k * PANEL + k];
      a[at + k] = x;
      for (int j = k + 1; j < width; j++) {
        a[at + j] = Math.fma(-x, corner[k * PANEL + j], a[at + j]);
      }
    }
  }

  /// Rows and columns of the matrix.
  public int size() {
    return size;
  }

  /// ln det A.
  public double logDeterminant() {
    double sum = 0;
    for (int i = 0; i < size; i++) {
      sum += 2 * Math.log(lower[i * size + i]);
    }
    return sum;
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

  /// Solves A X = B for many right sides. One thread; each right side gives the same bits beside
  /// any others.
  ///
  /// @param right B, [size, columns], row-major; it becomes X
  public void solveAll(double[] right, int columns) {
    solveLowerAll(right, columns);
    Kernels kernels = Kernels.best();
    double[] transposed = new double[PANEL * size];
    for (int first = (size - 1) / PANEL * PANEL; first >= 0; first -= PANEL) {
      int last = Math.min(size, first + PANEL);
      for (int i = last - 1; i >= first; i--) {
        double pivot = 1 / lower[i * size + i];
        for (int x = i * columns; x < (i + 1) * columns; x++) {
          right[x] *= pivot;
        }
        for (int k = first; k < i; k++) {
          addScaled(-lower[i * size + k], right, i * columns, k * columns, columns);
        }
      }
      int width = last - first;
      for (int i = first; i < last; i++) {
        for (int k = 0; k < first; k++) {
          transposed[k * width + i - first] = lower[i * size + k];
        }
      }
      kernels.subtractProduct(
          first,
          columns,
          width,
          transposed,
          0,
          width,
          right,
          first * columns,
          columns,
          right,
          0,
          columns);
    }
  }

  /// Solves L X = B for many right sides, as [#solveAll] does.
  ///
  /// @param right B, [size, columns], row-major; it becomes X
  public void solveLowerAll(double[] right, int columns) {
    Kernels kernels = Kernels.best();
    for (int first = 0; first < size; first += PANEL) {
      int last = Math.min(size, first + PANEL);
      kernels.subtractProduct(
          last - first,
          columns,
          first,
          lower,
          first * size,
          size,
          right,
          0,
          columns,
          right,
          first * columns,
          columns);
      for (int i = first; i < last; i++) {
        for (int k = first; k < i; k++) {
          addScaled(-lower[i * size + k], right, k * columns, i * columns, columns);
        }
        double pivot = 1 / lower[i * size + i];
        for (int x = i * columns; x < (i + 1) * columns; x++) {
          right[x] *= pivot;
        }
      }
    }
  }

  /// L⁻ᵀ, rounded to float; zero below the diagonal.
  ///
  /// @param inverse takes it, [size, stride]: an array of zeros, or an earlier result of this size
  /// @param stride at least `size`; products are faster where it is no power of two
  public void inverseLowerTransposed(float[] inverse, int stride, Workers workers) {
    Kernels kernels = Kernels.best();
    workers.run(
        (size + PANEL - 1) / PANEL,
        block -> {
          int from = block * PANEL;
          int width = Math.min(size, from + PANEL) - from;
          double[] rows = new double[(size - from) * width]; // columns of L⁻¹ from `from` on
          for (int first = from; first < size; first += PANEL) {
            int last = Math.min(size, first + PANEL);
            int at = (first - from) * width;
            if (first == from) {
              for (int i = 0; i < width; i++) {
                rows[i * width + i] = 1;
              }
            }
            kernels.subtractProduct(
                last - first,
                width,
                first - from,
                lower,
                first * size + from,
                size,
                rows,
                0,
                width,
                rows,
                at,
                width);
            for (int top = first; top < last; top += ROWS) {
              int bottom = Math.min(last, top + ROWS);
              kernels.subtractProduct(
                  bottom - top,
                  width,
                  top - first,
                  lower,
                  top * size + first,
                  size,
                  rows,
                  at,
                  width,
                  rows,
                  (top - from) * width,
                  width);
              for (int i = top; i < bottom; i++) {
                int row = (i - from) * width;
                for (int k = top; k < i; k++) {
                  addScaled(-lower[i * size + k], rows, (k - from) * width, row, width);
                }
                double pivot = 1 / lower[i * size + i];
                for (int j = row; j < row + width; j++) {
                  rows[j] *= pivot;
                }
              }
              for (int j = 0; j < width; j++) {
                for (int i = top; i < bottom; i++) {
                  inverse[(from + j) * stride + i] = (float) rows[(i - from) * width + j];
                }
              }
            }
          }
        });
  }

  /// `y += factor x`, both in one array.
  private static void addScaled(double factor, double[] array, int x, int y, int length) {
    for (int j = 0; j < length; j++) {
      array[y + j] = Math.fma(factor, array[x + j], array[y + j]);
    }
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
