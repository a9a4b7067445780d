package org.embedllm.dataset;

import java.util.List;

/// Rows with some labels (texts) and some values (numbers): what is exported.
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
