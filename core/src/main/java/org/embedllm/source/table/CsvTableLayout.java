package org.embedllm.source.table;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.correctness.SplitPart;
import org.embedllm.source.AnswerSink;
import org.embedllm.source.SourceLayout;
import org.embedllm.source.SourcePart;
import org.embedllm.source.SourcePreview;
import org.embedllm.source.file.CsvRows;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.source.file.Origin;
import org.embedllm.source.file.SourceFile;
import org.jspecify.annotations.Nullable;

/// A long table as CSV, a row for each answer; the public EmbedLLM layout among them.
public record CsvTableLayout(TableRequests requests) implements SourceLayout {
  /// Its name.
  public static final String NAME = "csv";

  @Override
  public String name() {
    return NAME;
  }

  /// Any file may be a table of text: this layout is asked last.
  @Override
  public boolean recognises(SourcePreview source) {
    return !source.isFolder();
  }

  @Override
  public void finish() {
    requests.require();
  }

  static boolean isNamedCsv(SourcePreview source) {
    return source.lowerName().endsWith(".csv") || source.lowerName().endsWith(".csv.gz");
  }

  @Override
  public boolean readsNamedColumns() {
    return true;
  }

  @Override
  public List<SourcePart> read(
      Path file, Optional<SplitPart> part, AnswerSink sink, ImportProgress progress) {
    try (SourceFile source = SourceFile.open(file, progress)) {
      Rows rows = new Rows(file, part, sink, requests);
      long count = CsvRows.read(source, rows::header, rows::row);
      return List.of(SourcePart.of(source.digest(), NAME, count, part));
    } catch (IOException e) {
      throw SourceFile.failed(file, 0, e);
    }
  }

  private static final class Rows {
    private final Path file;
    private final Optional<SplitPart> part;
    private final AnswerSink sink;
    private final TableRequests requests;
    private final Map<Integer, String> fields = new HashMap<>(); // of cells with objects, by value
    private int[] cells = {}; // [values] the cell that each is in
    private @Nullable TableRow row;

    Rows(Path file, Optional<SplitPart> part, AnswerSink sink, TableRequests requests) {
      this.file = file;
      this.part = part;
      this.sink = sink;
      this.requests = requests;
    }

    int[] header(List<String> header) {
      List<String> names = CsvObjects.names(file, header, requests);
      TableColumns columns = TableColumns.find(new Origin(file, 1), names, requests);
      row = new TableRow(columns, sink, part);
      List<String> wanted = columns.wanted();
      List<Integer> read = new ArrayList<>();
      cells = new int[wanted.size()];
      for (int i = 0; i < cells.length; i++) {
        String name = wanted.get(i);
        int place = header.indexOf(name);
        if (place < 0) {
          String owner = CsvObjects.owner(name, header).orElseThrow();
          place = header.indexOf(owner);
          fields.put(i, name.substring(owner.length() + 1));
        }
        if (!read.contains(place)) {
          read.add(place);
        }
        cells[i] = read.indexOf(place);
      }
      return read.stream().mapToInt(Integer::intValue).toArray();
    }

    void row(long line, String[] values) {
      if (row != null) {
        row.take(new Origin(file, line), fields.isEmpty() ? values : withFields(values));
      }
    }

    private String[] withFields(String[] read) {
      String[] values = new String[cells.length];
      for (int i = 0; i < values.length; i++) {
        String field = fields.get(i);
        String cell = read[cells[i]];
        values[i] = field == null ? cell : CsvObjects.value(cell, field);
      }
      return values;
    }
  }
}
