package org.embedllm.source.table;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.embedllm.correctness.SplitPart;
import org.embedllm.source.AnswerSink;
import org.embedllm.source.ImportOptions;
import org.embedllm.source.SourceLayout;
import org.embedllm.source.SourcePart;
import org.embedllm.source.SourcePreview;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.source.file.JsonRecords;
import org.embedllm.source.file.Origin;
import org.embedllm.source.file.SourceFile;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A long table as JSON Lines, an object for each answer. The first object's fields are the
/// columns.
public record JsonlTableLayout(ImportOptions options) implements SourceLayout {
  /// Its name.
  public static final String NAME = "jsonl";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean recognises(SourcePreview source) {
    return !source.isFolder() && !CsvTableLayout.isNamedCsv(source) && source.startsAsJson();
  }

  @Override
  public List<SourcePart> read(
      Path file, Optional<SplitPart> part, AnswerSink sink, ImportProgress progress) {
    try (SourceFile source = SourceFile.open(file, progress)) {
      Rows rows = new Rows(file, part, sink, options);
      JsonRecords records = new JsonRecords(source, Set.of());
      long count = records.read(rows::row);
      if (records.cut()) {
        sink.remark(file + ": the last line is incomplete; it was left out");
      }
      return List.of(SourcePart.of(source.digest(), NAME, count, part));
    } catch (IOException e) {
      throw SourceFile.failed(file, 0, e);
    }
  }

  private static final class Rows {
    private final Path file;
    private final Optional<SplitPart> part;
    private final AnswerSink sink;
    private final ImportOptions options;
    private @Nullable TableRow row;
    private String[] names = {}; // [meanings] field of each meaning, or empty
    private String[] values = {};

    Rows(Path file, Optional<SplitPart> part, AnswerSink sink, ImportOptions options) {
      this.file = file;
      this.part = part;
      this.sink = sink;
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
        known = row = new TableRow(columns, sink, part);
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
