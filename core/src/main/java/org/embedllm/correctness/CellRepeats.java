package org.embedllm.correctness;

import java.util.Arrays;

/// How many answers the score of each cell is the mean of, and how far these are apart. Immutable;
/// takes no memory where every score is of one answer.
final class CellRepeats {
  private static final float[] UNKNOWN = {};

  /// Every score is of one answer.
  static final CellRepeats ONE_EACH = new CellRepeats(UNKNOWN, UNKNOWN);

  private final float[] counts; // [cells], above 0; empty where all are 1
  private final float[] variances; // [cells], NaN where not known; empty where none is

  private CellRepeats(float[] counts, float[] variances) {
    this.counts = counts;
    this.variances = variances;
  }

  /// @param counts `[cells]`, above 0
  /// @param variances `[cells]`, 0 or more, NaN where not known; those of single answers mean
  ///   nothing
  static CellRepeats of(float[] counts, float[] variances) {
    boolean several = false;
    boolean known = false;
    float[] kept = variances.clone();
    for (int c = 0; c < counts.length; c++) {
      if (!(counts[c] > 0)) {
        throw new IllegalArgumentException(
            "a score is the mean of more than 0 answers; got " + counts[c]);
      }
      if (kept[c] < 0 || kept[c] == Float.POSITIVE_INFINITY) {
        throw new IllegalArgumentException("a variance is 0 or more; got " + kept[c]);
      }
      several |= counts[c] != 1;
      kept[c] = counts[c] > 1 ? kept[c] : Float.NaN;
      known |= !Float.isNaN(kept[c]);
    }
    return several ? new CellRepeats(counts.clone(), known ? kept : UNKNOWN) : ONE_EACH;
  }

  boolean several() {
    return counts.length > 0;
  }

  boolean variancesKnown() {
    return variances.length > 0;
  }

  float count(int cell) {
    return several() ? counts[cell] : 1;
  }

  /// NaN where not known.
  float variance(int cell) {
    return variancesKnown() ? variances[cell] : Float.NaN;
  }

  /// @param cells numbers of the cells that are kept, in their order
  CellRepeats select(int[] cells) {
    float[] selected = at(variances, cells);
    boolean known = false;
    for (float variance : selected) {
      known |= !Float.isNaN(variance);
    }
    return several() ? new CellRepeats(at(counts, cells), known ? selected : UNKNOWN) : ONE_EACH;
  }

  private static float[] at(float[] values, int[] cells) {
    float[] selected = new float[values.length == 0 ? 0 : cells.length];
    for (int c = 0; c < selected.length; c++) {
      selected[c] = values[cells[c]];
    }
    return selected;
  }

  /// An array of variances that are not known.
  static float[] unknown(int cells) {
    float[] none = new float[cells];
    Arrays.fill(none, Float.NaN);
    return none;
  }
}
