package org.embedllm.ingest;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.Scores;
import org.embedllm.source.file.Origin;

/// A `question_order.csv`: the order of questions, and their groups and attributes where it has the
/// columns that were asked for.
///
/// @param file the file
/// @param rows its content
/// @param options what was asked for
record QuestionOrder(Path file, OrderFile rows, ImportOptions options) {
  static QuestionOrder read(Path file, ImportOptions options) {
    List<String> wanted = new ArrayList<>(options.attributes().values());
    options.split().groupColumn().ifPresent(wanted::add);
    return new QuestionOrder(file, OrderFile.read(file, OrderFile.QUESTION_KEYS, wanted), options);
  }

  /// Whether it has a column that was asked for.
  boolean has(String column) {
    return rows.has(column);
  }

  /// Hands over what it says.
  void describe(AnswerCollector collector) {
    collector.orderQuestions(rows.keys());
    Optional<String> groupColumn = options.split().groupColumn().filter(rows::has);
    Map<String, String> columns = new TreeMap<>(options.attributes());
    columns.values().removeIf(column -> !rows.has(column));
    if (groupColumn.isEmpty() && columns.isEmpty()) {
      return;
    }
    for (int row = 0; row < rows.rowCount(); row++) {
      int at = row;
      Map<String, String> attributes = new TreeMap<>();
      columns.forEach((name, column) -> {
        String value = rows.value(at, column);
        attributes.put(name, Scores.isMissing(value) ? "" : value);
      });
      collector.describe(
          rows.key(row),
          groupColumn.map(column -> rows.value(at, column)),
          attributes,
          new Origin(file, 0));
    }
  }
}
