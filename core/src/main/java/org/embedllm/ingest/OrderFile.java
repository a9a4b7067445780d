package org.embedllm.ingest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.embedllm.source.file.CsvRows;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.source.file.SourceFile;
import org.embedllm.storage.BadInputException;

/// A `model_order.csv` or `question_order.csv`: its row order is the index order. It may have
/// columns that say more about a question; a row of which no table knows says nothing.
final class OrderFile {
  static final List<String> MODEL_KEYS = List.of("model_name", "model");
  static final List<String> QUESTION_KEYS =
      List.of("prompt_id", "question_id", "prompt", "question");

  private final List<String> header;
  private final List<List<String>> rows;

  private OrderFile(List<String> header, List<List<String>> rows) {
    this.header = header;
    this.rows = rows;
  }

  /// Reads a file.
  ///
  /// @param keyColumns the columns that may name a row, the most informative first
  /// @param wanted names of further columns; those that it does not have are left out
  static OrderFile read(Path file, List<String> keyColumns, List<String> wanted) {
    List<String> found = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    try (SourceFile source = SourceFile.open(file, ImportProgress.NONE)) {
      CsvRows.read(
          source,
          names -> {
            found.add(key(file, names, keyColumns));
            wanted.stream().filter(names::contains).forEach(found::add);
            return found.stream().mapToInt(names::indexOf).toArray();
          },
          (line, values) -> rows.add(List.of(values)));
    } catch (IOException e) {
      throw SourceFile.failed(file, 0, e);
    }
    return new OrderFile(found, rows);
  }

  private static String key(Path file, List<String> names, List<String> keyColumns) {
    return keyColumns.stream()
        .filter(names::contains)
        .findFirst()
        .orElseThrow(() ->
            BadInputException.at(
                file,
                1,
                "needs one of the columns %s; found columns %s"
                    .formatted(String.join(", ", keyColumns), String.join(", ", names))));
  }

  /// The names or ids, in order.
  List<String> keys() {
    return rows.stream().map(List::getFirst).toList();
  }

  boolean has(String column) {
    return header.indexOf(column) > 0;
  }

  int rowCount() {
    return rows.size();
  }

  /// The name or id of a row.
  String key(int row) {
    return rows.get(row).getFirst();
  }

  /// A further value of a row; empty where the file does not have the column.
  String value(int row, String column) {
    int at = header.indexOf(column);
    return at > 0 ? rows.get(row).get(at) : "";
  }
}
