package org.embedllm.forecast;

import org.embedllm.correctness.CorrectnessMatrix;

/// Sums over cells for each model, question by question: the inner loop of every resample.
///
/// There are K values to a cell, and a 1 that counts the cells. Where all models answered a
/// question, its cells are in model order and the loops are plain ones that the compiler turns into
/// vector instructions.
public final class ModelSums {
  private final CorrectnessMatrix answers;
  private final int[] cellModels; // [cells]
  private final float[][] values; // [K][cells]

  /// @param values `[K][cells]`, not copied
  public ModelSums(CorrectnessMatrix answers, float[]... values) {
    this.answers = answers;
    this.values = values.clone();
    this.cellModels = new int[answers.cellCount()];
    for (int c = 0; c < cellModels.length; c++) {
      cellModels[c] = answers.cellModel(c);
    }
    for (float[] column : values) {
      if (column.length != cellModels.length) {
        throw new IllegalArgumentException(
            "%d values do not fit %d cells".formatted(column.length, cellModels.length));
      }
    }
  }

  /// Length of one set of sums, (K + 1) m.
  public int width() {
    return (values.length + 1) * answers.modelCount();
  }

  /// Adds a question's cells.
  ///
  /// @param count how often the question counts
  /// @param sums [K + 1, m] from `offset` on: each value's sums, then the number of cells; added to
  public void add(int question, int count, double[] sums, int offset) {
    int m = answers.modelCount();
    int first = answers.firstCell(question);
    int end = answers.firstCell(question + 1);
    for (int k = 0; k < values.length; k++) {
      if (end - first == m) {
        addRow(values[k], first, m, count, sums, offset + k * m);
      } else {
        addCells(values[k], first, end, count, sums, offset + k * m);
      }
    }
    int cells = offset + values.length * m;
    if (end - first == m) {
      for (int i = cells; i < cells + m; i++) {
        sums[i] += count;
      }
    } else {
      for (int c = first; c < end; c++) {
        sums[cells + cellModels[c]] += count;
      }
    }
  }

  private static void addRow(
      float[] values, int first, int m, double count, double[] sums, int offset) {
    for (int i = 0; i < m; i++) {
      sums[offset + i] += count * values[first + i];
    }
  }

  private void addCells(
      float[] values, int first, int end, double count, double[] sums, int offset) {
    for (int c = first; c < end; c++) {
      sums[offset + cellModels[c]] += count * values[c];
    }
  }
}
