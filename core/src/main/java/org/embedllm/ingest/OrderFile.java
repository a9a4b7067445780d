package org.embedllm.ingest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.embedllm.source.file.CsvRows;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.source.file.SourceFile;
import org.embedllm.storage.BadInputException;

/// A `model_order.csv` or `question_order.csv`: its row order is the index order; nothing else is
/// read.
///
/// @param keyColumns the columns that may name a row, the most informative first
record OrderFile(Path file, List<String> keyColumns) {
  static final List<String> MODEL_KEYS = List.of("model_name", "model");
  static final List<String> QUESTION_KEYS =
      List.of("prompt_id", "question_id", "prompt", "question");

  /// The names or ids, in order.
  List<String> keys() {
    List<String> keys = new ArrayList<>();
    try (SourceFile source = SourceFile.open(file, ImportProgress.NONE)) {
      CsvRows.read(source, this::column, (line, values) -> keys.add(values[0]));
    } catch (IOException e) {
      throw SourceFile.failed(file, 0, e);
    }
    return keys;
  }

  private int[] column(List<String> header) {
    for (String key : keyColumns) {
      if (header.contains(key)) {
        return new int[] {header.indexOf(key)};
      }
    }
    throw BadInputException.at(
        file,
        1,
        "needs one of the columns %s; found columns %s"
            .formatted(String.join(", ", keyColumns), String.join(", ", header)));
  }
}
