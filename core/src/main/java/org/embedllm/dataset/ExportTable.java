package org.embedllm.dataset;

import java.util.List;

/// A table to export: rows with labels (texts) and values (numbers).
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
}
