package org.embedllm.source;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.embedllm.correctness.SplitPart;
import org.jspecify.annotations.Nullable;

/// A long table as CSV, a row for each answer; the public EmbedLLM layout among them.
///
/// @param part the part of the split that the file is
record CsvTableReader(Path file, Optional<SplitPart> part) implements AnswerReader {
  @Override
  public List<SourcePart> read(
      AnswerCollector collector, ImportOptions options, ImportProgress progress) {
    try (SourceFile source = SourceFile.open(file, progress)) {
      Rows rows = new Rows(collector, options);
      long count = CsvRows.read(source, rows::header, rows::row);
      return List.of(source.part(SourceFormat.CSV, count, part));
    } catch (IOException e) {
      throw SourceFile.failed(file, 0, e);
    }
  }

  private final class Rows {
    private final AnswerCollector collector;
    private final ImportOptions options;
    private @Nullable TableRow row;

    Rows(AnswerCollector collector, ImportOptions options) {
      this.collector = collector;
      this.options = options;
    }

    int[] header(List<String> names) {
      TableColumns columns = TableColumns.find(new Origin(file, 1), names, options);
      row = new TableRow(columns, collector, part);
      return columns.columns();
    }

    void row(long line, String[] values) {
      if (row != null) {
        row.take(new Origin(file, line), values);
      }
    }
  }
}
