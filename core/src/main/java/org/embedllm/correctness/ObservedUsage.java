package org.embedllm.correctness;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What the answers of m models to n questions took: a sparse matrix like [CorrectnessMatrix], with
/// a value for each [UsageQuantity] that the logs report. Immutable.
///
/// Rows and columns are those of the correctness matrix it belongs to; the cells are its own. A
/// value that was never reported reads as NaN; no method turns it into 0.
public final class ObservedUsage {
  private final int models;
  private final int[] offsets; // [n + 1], first cell of each question
  private final int[] cellModels; // [cells], ascending within a question
  private final Map<UsageQuantity, float[]> values; // [cells] each, NaN where not reported

  private ObservedUsage(
      int models, int[] offsets, int[] cellModels, Map<UsageQuantity, float[]> values) {
    this.models = models;
    this.offsets = offsets;
    this.cellModels = cellModels;
    this.values = values;
  }

  /// Nothing was reported.
  ///
  /// @param models m
  /// @param questions n
  public static ObservedUsage none(int models, int questions) {
    return new ObservedUsage(models, new int[questions + 1], new int[0], Map.of());
  }

  /// What is measured of the cells of a correctness matrix, repeats left out.
  public static ObservedUsage of(CorrectnessMatrix matrix, CellMeasures measures) {
    int n = matrix.questionCount();
    int cells = matrix.cellCount();
    Map<UsageQuantity, float[]> columns = new EnumMap<>(UsageQuantity.class);
    for (UsageQuantity quantity : UsageQuantity.values()) {
      quantity
          .measure()
          .filter(measures::has)
          .ifPresent(measure -> {
            float[] column = new float[cells];
            for (int c = 0; c < cells; c++) {
              column[c] = (float) measures.value(measure, c);
            }
            columns.put(quantity, column);
          });
    }
    if (columns.isEmpty()) {
      return none(matrix.modelCount(), n);
    }
    int[] offsets = new int[n + 1];
    int[] models = new int[cells];
    for (int j = 0; j <= n; j++) {
      offsets[j] = matrix.firstCell(j);
    }
    for (int c = 0; c < cells; c++) {
      models[c] = matrix.cellModel(c);
    }
    return new ObservedUsage(matrix.modelCount(), offsets, models, columns);
  }

  /// Usage from cells stored by question.
  ///
  /// @param models m
  /// @param offsets [n + 1], `offsets[j]` to `offsets[j + 1]` are the cells of question j
  /// @param cellModels `[cells]`, row of the model, ascending within a question
  /// @param values `[cells]` for each reported quantity: finite and not negative, or NaN
  /// @throws IllegalArgumentException when shapes do not fit or a value is out of range
  public static ObservedUsage ofCells(
      int models, int[] offsets, int[] cellModels, Map<UsageQuantity, float[]> values) {
    require(
        offsets.length > 0 && offsets[0] == 0 && offsets[offsets.length - 1] == cellModels.length,
        "offsets must start at 0 and end at the number of cells");
    for (int j = 0; j + 1 < offsets.length; j++) {
      require(offsets[j] <= offsets[j + 1], "offsets must not fall");
      for (int c = offsets[j]; c < offsets[j + 1]; c++) {
        require(
            cellModels[c] >= 0
                && cellModels[c] < models
                && (c == offsets[j] || cellModels[c - 1] < cellModels[c]),
            "the cells of a question name each model once, ascending");
      }
    }
    Map<UsageQuantity, float[]> kept = new EnumMap<>(UsageQuantity.class);
    values.forEach((quantity, column) -> {
      require(column.length == cellModels.length, "one value for each cell");
      boolean reported = false;
      for (float value : column) {
        require(
            Float.isNaN(value) || (value >= 0 && value < Float.POSITIVE_INFINITY),
            "a value of " + quantity.label() + " is finite and not negative");
        reported |= !Float.isNaN(value);
      }
      if (reported) {
        kept.put(quantity, column.clone());
      }
    });
    return new ObservedUsage(models, offsets.clone(), cellModels.clone(), kept);
  }

  /// m, the number of models.
  public int modelCount() {
    return models;
  }

  /// n, the number of questions.
  public int questionCount() {
    return offsets.length - 1;
  }

  /// Number of cells with any value.
  public int cellCount() {
    return cellModels.length;
  }

  /// First cell of a question. Cells of question j are `firstCell(j)` to `firstCell(j + 1)`, and
  /// `firstCell(n)` is the number of cells.
  public int firstCell(int question) {
    return offsets[question];
  }

  /// The model of a cell, ascending within a question.
  public int cellModel(int cell) {
    return cellModels[cell];
  }

  /// The value of a cell; NaN where it was not reported.
  public float cellValue(UsageQuantity quantity, int cell) {
    float[] column = values.get(quantity);
    return column == null ? Float.NaN : column[cell];
  }

  /// The value of a model's answer to a question; NaN where it was not reported.
  public float value(UsageQuantity quantity, int model, int question) {
    int at = Arrays.binarySearch(cellModels, offsets[question], offsets[question + 1], model);
    return at < 0 ? Float.NaN : cellValue(quantity, at);
  }

  /// Whether any cell has a value.
  public boolean reports(UsageQuantity quantity) {
    return values.containsKey(quantity);
  }

  /// Number of cells with a value.
  public int count(UsageQuantity quantity) {
    int count = 0;
    for (int c = 0; c < cellModels.length; c++) {
      count += Float.isNaN(cellValue(quantity, c)) ? 0 : 1;
    }
    return count;
  }

  /// The given questions, in the given order, with all models.
  public ObservedUsage selectQuestions(int[] which) {
    int[] newOffsets = new int[which.length + 1];
    for (int j = 0; j < which.length; j++) {
      newOffsets[j + 1] = Math.addExact(newOffsets[j], offsets[which[j] + 1] - offsets[which[j]]);
    }
    int[] taken = new int[newOffsets[which.length]]; // old cell of each new one
    for (int j = 0; j < which.length; j++) {
      for (int c = newOffsets[j]; c < newOffsets[j + 1]; c++) {
        taken[c] = offsets[which[j]] + c - newOffsets[j];
      }
    }
    return cells(models, newOffsets, Arrays.stream(taken).map(c -> cellModels[c]).toArray(), taken);
  }

  /// The given models, in the given order, with all questions. A row of −1 is a model without any
  /// cell.
  public ObservedUsage selectModels(int[] which) {
    int[] rank = new int[models];
    Arrays.fill(rank, -1);
    for (int i = 0; i < which.length; i++) {
      if (which[i] >= 0) {
        rank[which[i]] = i;
      }
    }
    int[] newOffsets = new int[offsets.length];
    int[] newModels = new int[cellModels.length];
    int[] taken = new int[cellModels.length];
    int[] row = new int[which.length]; // old cell of each new model, −1 for none
    int cell = 0;
    for (int j = 0; j + 1 < offsets.length; j++) {
      Arrays.fill(row, -1);
      for (int c = offsets[j]; c < offsets[j + 1]; c++) {
        if (rank[cellModels[c]] >= 0) {
          row[rank[cellModels[c]]] = c;
        }
      }
      for (int i = 0; i < row.length; i++) {
        if (row[i] >= 0) {
          newModels[cell] = i;
          taken[cell++] = row[i];
        }
      }
      newOffsets[j + 1] = cell;
    }
    return cells(
        which.length, newOffsets, Arrays.copyOf(newModels, cell), Arrays.copyOf(taken, cell));
  }

  /// The usage of the answers of another matrix: its questions by their ids, its models by their
  /// names, in its order. What is not in `own` has no values.
  ///
  /// @param own the matrix that this usage belongs to
  public ObservedUsage aligned(CorrectnessMatrix own, CorrectnessMatrix other) {
    if (cellModels.length == 0) {
      return none(other.modelCount(), other.questionCount());
    }
    Map<String, Integer> rows = HashMap.newHashMap(own.questionCount());
    for (int j = 0; j < own.questionCount(); j++) {
      rows.put(own.questions().get(j).id(), j);
    }
    int[] newOffsets = new int[other.questionCount() + 1];
    int[] rank = new int[models];
    Arrays.fill(rank, -1);
    for (int i = 0; i < other.modelCount(); i++) {
      int row = own.modelIndex(other.models().get(i)).orElse(-1);
      if (row >= 0) {
        rank[row] = i;
      }
    }
    List<int[]> kept = new ArrayList<>(); // model and old cell
    for (int j = 0; j < other.questionCount(); j++) {
      Integer row = rows.get(other.questions().get(j).id());
      List<int[]> cells = new ArrayList<>();
      for (int c = row == null ? 0 : offsets[row]; row != null && c < offsets[row + 1]; c++) {
        if (rank[cellModels[c]] >= 0) {
          cells.add(new int[] {rank[cellModels[c]], c});
        }
      }
      cells.sort(Comparator.comparingInt(cell -> cell[0]));
      kept.addAll(cells);
      newOffsets[j + 1] = kept.size();
    }
    return cells(
        other.modelCount(),
        newOffsets,
        kept.stream().mapToInt(cell -> cell[0]).toArray(),
        kept.stream().mapToInt(cell -> cell[1]).toArray());
  }

  private ObservedUsage cells(int count, int[] newOffsets, int[] newModels, int[] taken) {
    Map<UsageQuantity, float[]> columns = new EnumMap<>(UsageQuantity.class);
    values.forEach((quantity, column) -> {
      float[] kept = new float[taken.length];
      for (int c = 0; c < taken.length; c++) {
        kept[c] = column[taken[c]];
      }
      columns.put(quantity, kept);
    });
    return ofCells(count, newOffsets, newModels, columns);
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
