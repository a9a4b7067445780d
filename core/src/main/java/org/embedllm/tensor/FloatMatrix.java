package org.embedllm.tensor;

import java.util.Arrays;

/// An immutable dense matrix of floats, row-major.
///
/// Shape [rows, columns]; `rows * columns` fits an array.
public final class FloatMatrix {
  private final int rows;
  private final int columns;
  private final float[] values; // [rows, columns]

  private FloatMatrix(int rows, int columns, float[] values) {
    if (rows < 0 || columns < 0 || (long) rows * columns != values.length) {
      throw new IllegalArgumentException(
          "a [%d, %d] matrix takes %d values; got %d"
              .formatted(rows, columns, (long) rows * columns, values.length));
    }
    this.rows = rows;
    this.columns = columns;
    this.values = values;
  }

  /// A matrix with a copy of `values`.
  ///
  /// @param values [rows, columns], row-major
  public static FloatMatrix copyOf(int rows, int columns, float[] values) {
    return new FloatMatrix(rows, columns, values.clone());
  }

  /// A matrix of `values` without a copy; the caller must not change them afterwards.
  ///
  /// @param values [rows, columns], row-major
  public static FloatMatrix wrap(int rows, int columns, float[] values) {
    return new FloatMatrix(rows, columns, values);
  }

  public int rows() {
    return rows;
  }

  public int columns() {
    return columns;
  }

  public float get(int row, int column) {
    return values[Math.addExact(Math.multiplyExact(row, columns), column)];
  }

  /// Copies one row.
  ///
  /// @param into `[columns]`, overwritten
  public void row(int row, float[] into) {
    System.arraycopy(values, row * columns, into, 0, columns);
  }

  /// One row as a new array.
  public float[] row(int row) {
    return Arrays.copyOfRange(values, row * columns, (row + 1) * columns);
  }

  /// All values as a new array, [rows, columns] row-major.
  public float[] toArray() {
    return values.clone();
  }

  /// The values themselves, [rows, columns] row-major, not a copy: for kernels that read megabytes.
  /// They must not be modified.
  public float[] sharedArray() {
    return values;
  }

  /// The given rows, in the given order, as a new matrix.
  public FloatMatrix selectRows(int[] which) {
    float[] selected = new float[Math.multiplyExact(which.length, columns)];
    for (int i = 0; i < which.length; i++) {
      System.arraycopy(values, which[i] * columns, selected, i * columns, columns);
    }
    return new FloatMatrix(which.length, columns, selected);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FloatMatrix that
        && rows == that.rows
        && columns == that.columns
        && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * rows + columns) + Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "FloatMatrix[" + rows + ", " + columns + "]";
  }
}
