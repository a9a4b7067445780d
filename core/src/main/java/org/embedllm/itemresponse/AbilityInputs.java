package org.embedllm.itemresponse;

/// Inputs of questions in the ability problem without the benchmarks, the w numbers that all
/// questions share, in the two layouts that [AbilityDerivatives] goes through. Immutable.
final class AbilityInputs {
  private static final int LANES = 16; // rows are whole vectors of any width

  private final int width; // w
  private final int padded; // w + 2, rounded up to whole vectors
  private final int count;
  private final float[] columns; // Uᵀ [w, count]
  private final float[] rows; // [count, padded]: U, then 0, then 1, then zeros

  private AbilityInputs(int width, int count, float[] columns) {
    this.width = width;
    this.padded = Math.ceilDiv(width + 2, LANES) * LANES;
    this.count = count;
    this.columns = columns;
    this.rows = new float[Math.multiplyExact(count, padded)];
    for (int i = 0; i < width; i++) {
      for (int a = 0; a < count; a++) {
        rows[a * padded + i] = columns[i * count + a];
      }
    }
    for (int a = 0; a < count; a++) {
      rows[a * padded + width + 1] = 1;
    }
  }

  /// @param width w
  /// @param count number of questions
  /// @param columns Uᵀ [w, count], not to be modified afterwards
  static AbilityInputs of(int width, int count, float[] columns) {
    return new AbilityInputs(width, count, columns);
  }

  /// The inputs of a model's answers: these themselves where it answered all questions in order.
  AbilityInputs of(ItemResponses answers) {
    if (answers.count() == count && answers.areSorted()) {
      return this;
    }
    int some = answers.count();
    float[] selected = new float[Math.multiplyExact(width, some)];
    for (int a = 0; a < some; a++) {
      for (int i = 0; i < width; i++) {
        selected[i * some + a] = columns[i * count + answers.question(a)];
      }
    }
    return new AbilityInputs(width, some, selected);
  }

  /// w.
  int width() {
    return width;
  }

  /// Distance between the rows of [#rows].
  int padded() {
    return padded;
  }

  /// Uᵀ [w, count], not to be modified.
  float[] columns() {
    return columns;
  }

  /// U [count, w], then a column of 0 and one of 1, in rows of [#padded], not to be modified.
  float[] rows() {
    return rows;
  }
}
