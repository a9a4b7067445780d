package org.embedllm.source;

import java.util.List;
import java.util.Map;

/// How tables are read.
///
/// @param columns name of the column of a role, where it is not to be recognized; `a.b` names field
///   b of field a
/// @param wide patterns (`*` for any characters) of columns of which each is a model and holds its
///   scores; empty where the table has a row for each answer
/// @param scale range of the scores
public record TableOptions(Map<ColumnRole, String> columns, List<String> wide, ScoreScale scale) {
  /// Columns are recognized, a row for each answer, scores between 0 and 1.
  public static final TableOptions DEFAULT = new TableOptions(Map.of(), List.of(), ScoreScale.UNIT);

  public TableOptions {
    columns = Map.copyOf(columns);
    wide = List.copyOf(wide);
  }
}
