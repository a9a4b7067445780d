package org.embedllm.dataset;

import java.util.List;

/// Rows with some labels (texts), some values (numbers in single precision) and some measures
/// (numbers in double precision): what is exported. Rows are asked for in order, and from the first
/// one again where a file needs two passes.
public interface ExportTable {
  /// Names of the label columns.
  List<String> labelNames();

  /// Names of the value columns.
  List<String> valueNames();

  /// Number of rows.
  int rowCount();

  /// A label of a row.
  String label(int row, int column);

  /// A value of a row; NaN where there is none.
  float value(int row, int column);

  /// Names of the measure columns.
  default List<String> measureNames() {
    return List.of();
  }

  /// A measure of a row; NaN where there is none.
  default double measure(int row, int column) {
    return Double.NaN;
  }
}
