package org.embedllm.source;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.embedllm.correctness.SplitPart;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A long table as JSON Lines, an object for each answer. The first object's fields are the
/// columns.
///
/// @param part the part of the split that the file is
record JsonlTableReader(Path file, Optional<SplitPart> part) implements AnswerReader {
  @Override
  public List<SourcePart> read(
      AnswerCollector collector, ImportOptions options, ImportProgress progress) {
    try (SourceFile source = SourceFile.open(file, progress)) {
      Rows rows = new Rows(collector, options);
      JsonRecords records = new JsonRecords(source, Set.of());
      long count = records.read(rows::row);
      if (records.cut()) {
        collector.remark(file + ": the last line is cut off; it was left out");
      }
      return List.of(source.part(SourceFormat.JSONL, count, part));
    } catch (IOException e) {
      throw SourceFile.failed(file, 0, e);
    }
  }

  private final class Rows {
    private final AnswerCollector collector;
    private final ImportOptions options;
    private @Nullable TableRow row;
    private String[] names = {}; // [meanings] field of each meaning, or empty
    private String[] values = {};

    Rows(AnswerCollector collector, ImportOptions options) {
      this.collector = collector;
      this.options = options;
    }

    void row(long line, ObjectNode object) {
      Origin at = new Origin(file, line);
      TableRow known = row;
      if (known == null) {
        List<String> header = new ArrayList<>(object.propertyNames());
        TableColumns columns = TableColumns.find(at, header, options);
        names = new String[columns.columns().length];
        values = new String[names.length];
        for (int i = 0; i < names.length; i++) {
          int column = columns.columns()[i];
          names[i] = column < 0 ? "" : header.get(column);
        }
        known = row = new TableRow(columns, collector, part);
      }
      for (int i = 0; i < names.length; i++) {
        values[i] = names[i].isEmpty() ? "" : value(object.path(names[i]), names[i], at);
      }
      known.take(at, values);
    }

    private static String value(JsonNode node, String name, Origin at) {
      if (node.isMissingNode() || node.isNull()) {
        return "";
      }
      if (node.isContainer()) {
        throw at.problem(name + " must be a text, a number or a truth value; is a nested one");
      }
      return JsonRecords.wellFormed(node.asString());
    }
  }
}
