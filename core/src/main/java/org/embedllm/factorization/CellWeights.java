package org.embedllm.factorization;

/// How much each observed cell counts in the loss of a step, which is the weighted mean over its
/// cells. Immutable.
public final class CellWeights {
  /// Every cell counts the same.
  public static final CellWeights EQUAL = new CellWeights(new float[0]);

  private final float[] values; // [cells], or [0] for equal weights

  private CellWeights(float[] values) {
    this.values = values;
  }

  /// One weight for each cell, in the matrix's own order of cells.
  ///
  /// @param values [cells], finite and not negative
  public static CellWeights of(float[] values) {
    for (float value : values) {
      if (!(value >= 0 && value <= Float.MAX_VALUE)) {
        throw new IllegalArgumentException(
            "a weight must be finite and not negative; got " + value);
      }
    }
    return new CellWeights(values.clone());
  }

  /// Number of weights; 0 where all cells count the same.
  public int count() {
    return values.length;
  }

  /// The weight of a cell.
  public float weight(int cell) {
    return values.length == 0 ? 1f : values[cell];
  }
}
