package org.embedllm.source.table;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.embedllm.source.SourcePreview;
import org.embedllm.source.file.CsvRows;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.source.file.JsonFields;
import org.embedllm.source.file.JsonRecords;
import org.embedllm.source.file.ObjectRows;
import org.embedllm.source.file.SourceFile;
import org.embedllm.storage.BadInputException;
import tools.jackson.databind.JsonNode;

/// The first rows of a table, to tell from values what its columns mean.
///
/// @param rows values by column
record TableSample(List<Map<String, String>> rows) {
  private static final int ROWS = 100;

  TableSample {
    rows = List.copyOf(rows);
  }

  /// The first 100 rows, as far as they can be read.
  static TableSample of(Path file, List<String> header) {
    List<Map<String, String>> rows = new ArrayList<>();
    try (SourceFile source = SourceFile.open(file, ImportProgress.NONE)) {
      SourcePreview preview = new SourcePreview(file);
      if (preview.start().startsWith("PAR1")) {
        ObjectRows.read(source, (line, row) -> add(rows, row, header), (line, problem) -> {});
      } else if (preview.startsAsJson() && !CsvTableLayout.isNamedCsv(preview)) {
        new JsonRecords(source, Set.of()).read((line, row) -> add(rows, row, header));
      } else {
        csv(source, rows, header);
      }
    } catch (Enough | BadInputException | IOException e) {
      return new TableSample(rows); // What is wrong behind these rows is said by their reader.
    }
    return new TableSample(rows);
  }

  private static void csv(SourceFile source, List<Map<String, String>> rows, List<String> wanted) {
    List<String> names = new ArrayList<>();
    CsvRows.read(
        source,
        header -> {
          names.addAll(header);
          return IntStream.range(0, header.size()).toArray();
        },
        (line, values) -> {
          Map<String, String> row = new LinkedHashMap<>();
          for (int i = 0; i < values.length; i++) {
            row.put(names.get(i), values[i]);
          }
          for (String field : wanted) {
            if (!row.containsKey(field)) {
              CsvObjects.owner(field, names)
                  .ifPresent(owner ->
                      row.put(
                          field,
                          CsvObjects.value(
                              row.getOrDefault(owner, ""), field.substring(owner.length() + 1))));
            }
          }
          add(rows, row);
        });
  }

  private static void add(List<Map<String, String>> rows, JsonNode object, List<String> header) {
    Map<String, String> row = new LinkedHashMap<>();
    for (String name : header) {
      JsonNode value = JsonFields.at(object, name);
      row.put(name, value.isContainer() ? value.toString() : JsonFields.text(value));
    }
    add(rows, row);
  }

  private static void add(List<Map<String, String>> rows, Map<String, String> row) {
    rows.add(row);
    if (rows.size() == ROWS) {
      throw new Enough();
    }
  }

  /// The values of a column, a value for each row.
  List<String> values(String column) {
    return rows.stream().map(row -> row.getOrDefault(column, "")).toList();
  }

  /// Ends the reading.
  private static final class Enough extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Enough() {
      super(null, null, false, false);
    }
  }
}
