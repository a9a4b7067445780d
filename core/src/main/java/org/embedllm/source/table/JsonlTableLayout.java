package org.embedllm.source.table;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.embedllm.correctness.SplitPart;
import org.embedllm.source.AnswerSink;
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

/// A long table as JSON Lines, an object for each answer, or as a JSON array of them. The fields of
/// the first object are the columns; `a.b` is field b of field a.
public record JsonlTableLayout(TableRequests requests) implements SourceLayout {
  /// Its name.
  public static final String NAME = "jsonl";

  private static final int MAX_PREFIX = 200;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean recognises(SourcePreview source) {
    return !source.isFolder() && !CsvTableLayout.isNamedCsv(source) && source.startsAsJson();
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
      JsonRecords records = new JsonRecords(source, Set.of());
      long count = records.read(rows::row);
      if (records.cut()) {
        sink.warn(file + ": the last line is incomplete; it was left out");
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
    private final TableRequests requests;
    private @Nullable TableRow row;
    private List<String> wanted = List.of();
    private List<String[]> paths = List.of(); // of the wanted fields, from the outside in
    private String[] values = {};

    Rows(Path file, Optional<SplitPart> part, AnswerSink sink, TableRequests requests) {
      this.file = file;
      this.part = part;
      this.sink = sink;
      this.requests = requests;
    }

    void row(long line, ObjectNode object) {
      Origin at = new Origin(file, line);
      TableRow known = row;
      if (known == null) {
        TableColumns columns = TableColumns.find(at, fields(object), requests);
        wanted = columns.wanted();
        paths = wanted.stream().map(name -> path(object, name)).toList();
        values = new String[wanted.size()];
        known = row = new TableRow(columns, sink, part);
      }
      for (int i = 0; i < values.length; i++) {
        JsonNode value = object;
        for (String name : paths.get(i)) {
          value = value.path(name);
        }
        values[i] = text(value);
      }
      known.take(at, values);
    }

    /// Names of the fields of an object: `a.b` for field b of field a.
    private static List<String> fields(ObjectNode object) {
      List<String> names = new ArrayList<>();
      addFields("", object, names);
      return names;
    }

    private static void addFields(String prefix, JsonNode object, List<String> names) {
      object.forEachEntry((name, value) -> {
        names.add(prefix + name);
        if (value.isObject() && prefix.length() < MAX_PREFIX) {
          addFields(prefix + name + ".", value, names);
        }
      });
    }

    /// A name with dots may be that of one field.
    private static String[] path(ObjectNode object, String name) {
      return object.has(name) ? new String[] {name} : name.split("\\.");
    }

    /// A list or an object is taken as JSON: a prompt may be a list of chat messages.
    private static String text(JsonNode node) {
      if (node.isMissingNode() || node.isNull()) {
        return "";
      }
      return JsonRecords.wellFormed(node.isContainer() ? node.toString() : node.asString());
    }
  }
}
