package org.embedllm.linalg;

/// The Cholesky factor L of a symmetric positive definite matrix A = L Lᵀ, in double precision.
/// Immutable; the same bits whatever the number of threads.
public final class Cholesky {
  /*
   * Right-looking by panels of 64 columns: the panel is factorized, then every row below takes its
   * share of −L21 L21ᵀ as additions of whole rows (a transposed copy of the panel keeps them side by
   * side), which the compiler turns into vector instructions. Rows are independent tasks.
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
    double[] lower = matrix.clone();
    double[] panel = new double[PANEL * size]; // [PANEL, size], transposed panel
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
                panel[(k - start) * size + i] = lower[i * size + k];
              }
            }
          });
      workers.run(
          blocks,
          block -> {
            int first = to + block * PANEL;
            for (int i = first; i < Math.min(size, first + PANEL); i++) {
              updateRow(lower, size, start, to, i, panel);
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

  private static void updateRow(double[] a, int size, int from, int to, int i, double[] panel) {
    int row = i * size;
    for (int k = 0; k < to - from; k++) {
      double factor = a[row + from + k];
      int other = k * size;
      for (int j = to; j <= i; j++) {
        a[row + j] -= factor * panel[other + j];
      }
    }
  }

  /// Rows and columns of the matrix.
  public int size() {
    return size;
  }

  /// Sum of the logarithms of the diagonal of L: half the log determinant of A.
  public double halfLogDeterminant() {
    double sum = 0;
    for (int i = 0; i < size; i++) {
      sum += Math.log(lower[i * size + i]);
    }
    return sum;
  }

  /// Solves A x = b.
  ///
  /// @param b [size], not modified
  /// @return x, [size]
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
  /// @param b [size], not modified
  /// @return x, [size]
  public double[] solveLower(double[] b) {
    double[] x = b.clone();
    for (int i = 0; i < size; i++) {
      double sum = x[i];
      for (int k = 0; k < i; k++) {
        sum -= lower[i * size + k] * x[k];
      }
      x[i] = sum / lower[i * size + i];
    }
    return x;
  }

  /// L⁻¹, [size, size], zero above the diagonal.
  public double[] inverseLower(Workers workers) {
    double[] inverse = new double[size * size];
    int blocks = (size + PANEL - 1) / PANEL;
    workers.run(
        blocks,
        block -> {
          int from = block * PANEL;
          int to = Math.min(size, from + PANEL);
          for (int i = from; i < size; i++) {
            int row = i * size;
            if (i < to) {
              inverse[row + i] = 1;
            }
            for (int k = from; k < i; k++) {
              double factor = lower[row + k];
              int other = k * size;
              for (int j = from; j < to; j++) {
                inverse[row + j] -= factor * inverse[other + j];
              }
            }
            double pivot = 1 / lower[row + i];
            for (int j = from; j < to; j++) {
              inverse[row + j] *= pivot;
            }
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
