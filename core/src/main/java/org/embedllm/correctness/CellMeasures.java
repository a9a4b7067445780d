package org.embedllm.correctness;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/// Measures of the observed cells of a [CorrectnessMatrix], each cell its own: tokens, cost,
/// seconds, repeats and their variance. A value that is not known is NaN, never 0. Immutable; 8
/// bytes for each cell and each measure that some cell has.
public final class CellMeasures {
  /// Nothing was measured.
  public static final CellMeasures NONE = new CellMeasures(Map.of());

  private final Map<Measure, double[]> values; // [cells] each

  private CellMeasures(Map<Measure, double[]> values) {
    this.values = values;
  }

  /// Measures of cells.
  ///
  /// @param values `[cells]` for each measure, in the order of the matrix's cells: 0 or more, NaN
  ///   where not known; a measure that no cell has is left out
  /// @throws IllegalArgumentException when lengths differ, or a value is negative or infinite
  public static CellMeasures of(Map<Measure, double[]> values) {
    Map<Measure, double[]> known = new EnumMap<>(Measure.class);
    int cells = -1;
    for (Map.Entry<Measure, double[]> entry : values.entrySet()) {
      double[] column = entry.getValue();
      if (cells >= 0 && column.length != cells) {
        throw new IllegalArgumentException("every measure must have one value for each cell");
      }
      cells = column.length;
      double[] checked = checked(entry.getKey(), column);
      if (Arrays.stream(checked).anyMatch(value -> !Double.isNaN(value))) {
        known.put(entry.getKey(), checked);
      }
    }
    return known.isEmpty() ? NONE : new CellMeasures(Collections.unmodifiableMap(known));
  }

  private static double[] checked(Measure measure, double[] column) {
    double[] checked = column.clone();
    for (int cell = 0; cell < checked.length; cell++) {
      double value = checked[cell];
      if (value < 0 || value == Double.POSITIVE_INFINITY) {
        throw new IllegalArgumentException(
            "%s must be 0 or more; got %s".formatted(measure.column(), value));
      }
      // One answer is what every cell has: it takes no memory where no cell has more.
      checked[cell] = measure == Measure.REPEATS && value == 1 ? Double.NaN : value;
    }
    return checked;
  }

  /// Measures that some cell has; repeats only where a cell has more than one.
  public Set<Measure> measures() {
    return values.keySet();
  }

  public boolean has(Measure measure) {
    return values.containsKey(measure);
  }

  /// A measure of a cell; NaN where not known. Repeats are 1 where nothing else is known.
  ///
  /// @param cell number of the cell, as in [CorrectnessMatrix#firstCell]
  public double value(Measure measure, int cell) {
    double[] column = values.get(measure);
    double value = column == null ? Double.NaN : column[cell];
    return measure == Measure.REPEATS && Double.isNaN(value) ? 1 : value;
  }

  /// All known measures of a cell.
  public Map<Measure, Double> ofCell(int cell) {
    if (values.isEmpty()) {
      return Map.of();
    }
    Map<Measure, Double> known = new EnumMap<>(Measure.class);
    values.forEach((measure, column) -> {
      if (!Double.isNaN(column[cell])) {
        known.put(measure, column[cell]);
      }
    });
    return known;
  }

  /// Number of cells whose measure is known; of repeats, those with more or less than one.
  public int known(Measure measure) {
    double[] column = values.get(measure);
    int count = 0;
    for (int cell = 0; column != null && cell < column.length; cell++) {
      count += Double.isNaN(column[cell]) ? 0 : 1;
    }
    return count;
  }

  /// The same without one measure.
  public CellMeasures without(Measure measure) {
    if (!has(measure)) {
      return this;
    }
    Map<Measure, double[]> rest = new EnumMap<>(values);
    rest.remove(measure);
    return of(rest);
  }

  /// Number of cells; 0 where nothing was measured.
  int cellCount() {
    return values.values().stream().mapToInt(column -> column.length).findFirst().orElse(0);
  }

  /// The measures that go with [CorrectnessMatrix#selectQuestions] of the same questions.
  public CellMeasures selectQuestions(CorrectnessMatrix matrix, int[] which) {
    if (values.isEmpty()) {
      return NONE;
    }
    int cells = 0;
    for (int question : which) {
      cells = Math.addExact(cells, matrix.cellCount(question));
    }
    Map<Measure, double[]> selected = new EnumMap<>(Measure.class);
    for (Map.Entry<Measure, double[]> entry : values.entrySet()) {
      double[] column = new double[cells];
      int at = 0;
      for (int question : which) {
        int count = matrix.cellCount(question);
        System.arraycopy(entry.getValue(), matrix.firstCell(question), column, at, count);
        at += count;
      }
      selected.put(entry.getKey(), column);
    }
    return of(selected);
  }
}
