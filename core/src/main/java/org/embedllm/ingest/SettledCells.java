package org.embedllm.ingest;

import org.embedllm.correctness.CellMeasures;

/// Cells by question, with one score for each (question, model). Arrays are shared with the matrix
/// that is made of them, since there may be hundreds of millions of cells.
final class SettledCells {
  private final int[] offsets; // [n + 1]
  private final int[] models; // [cells], ascending within a question
  private final float[] scores; // [cells], in [0, 1]
  private final CellMeasures measures;
  private final int[] outputs; // [cells]
  private final long conflicts;
  private final long contradictions;
  private final int firstConflict;

  /// @param offsets `[n + 1]`
  /// @param models `[cells]`, ascending within a question
  /// @param scores `[cells]`, in [0, 1]
  /// @param measures what else is known of the cells
  /// @param outputs `[cells]` number of the text of each cell's answer, or -1; empty where there
  ///   are no texts
  /// @param conflicts pairs with more than one answer and differing scores
  /// @param contradictions those whose scores differ between sources
  /// @param firstConflict a cell (in reading order) that disagrees with an earlier one, or -1
  SettledCells(
      int[] offsets,
      int[] models,
      float[] scores,
      CellMeasures measures,
      int[] outputs,
      long conflicts,
      long contradictions,
      int firstConflict) {
    this.offsets = offsets;
    this.models = models;
    this.scores = scores;
    this.measures = measures;
    this.outputs = outputs;
    this.conflicts = conflicts;
    this.contradictions = contradictions;
    this.firstConflict = firstConflict;
  }

  int[] offsets() {
    return offsets;
  }

  int[] models() {
    return models;
  }

  float[] scores() {
    return scores;
  }

  CellMeasures measures() {
    return measures;
  }

  int[] outputs() {
    return outputs;
  }

  long conflicts() {
    return conflicts;
  }

  long contradictions() {
    return contradictions;
  }

  int firstConflict() {
    return firstConflict;
  }
}
