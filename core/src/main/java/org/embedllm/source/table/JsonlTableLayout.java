package org.embedllm.source.table;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.embedllm.correctness.SplitPart;
import org.embedllm.source.AnswerSink;
import org.embedllm.source.SourceLayout;
import org.embedllm.source.SourcePart;
import org.embedllm.source.SourcePreview;
import org.embedllm.source.file.ImportProgress;
import org.embedllm.source.file.JsonFieldNames;
import org.embedllm.source.file.JsonRecords;
import org.embedllm.source.file.Origin;
import org.embedllm.source.file.SourceFile;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A long table as JSON Lines, an object for each answer, or as a JSON array of them. The fields of
/// the first 1,000 objects are the columns, and those that are named, wherever they are; `a.b` is
/// field b of field a. A field that an object lacks is empty.
public record JsonlTableLayout(TableRequests requests) implements SourceLayout {
  /// Its name.
  public static final String NAME = "jsonl";

  private static final int HEAD_RECORDS = 1000;
  private static final long HEAD_BYTES = 64 << 20;
  private static final int MOST_NAMES = 10_000;

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
      Rows rows = new Rows(file, part, sink, requests, names(file));
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

  /// The names of all columns, in the order in which they come.
  private List<String> names(Path file) {
    Set<String> names = new LinkedHashSet<>();
    Map<String, Long> first = new HashMap<>(); // record that has it first, by normal name
    JsonFieldNames.read(
        file,
        HEAD_BYTES,
        (record, name) -> {
          // One name in other letters in a later object is the same column.
          if (first.computeIfAbsent(ColumnNames.normal(name), n -> record) == record) {
            names.add(name);
          }
          return record < HEAD_RECORDS && names.size() < MOST_NAMES;
        });
    Set<String> absent = new HashSet<>(requests.absentFrom(names));
    if (!absent.isEmpty()) {
      JsonFieldNames.read(
          file,
          Long.MAX_VALUE,
          (record, name) -> {
            if (absent.remove(name)) {
              names.add(name);
            }
            return !absent.isEmpty();
          });
    }
    return List.copyOf(names);
  }

  private static final class Rows {
    private final Path file;
    private final Optional<SplitPart> part;
    private final AnswerSink sink;
    private final TableRequests requests;
    private final List<String> names;
    private @Nullable TableRow row;
    private List<String> wanted = List.of();
    private List<String[]> paths = List.of(); // of the wanted fields, from the outside in
    private String[] values = {};

    Rows(
        Path file,
        Optional<SplitPart> part,
        AnswerSink sink,
        TableRequests requests,
        List<String> names) {
      this.names = names;
      this.file = file;
      this.part = part;
      this.sink = sink;
      this.requests = requests;
    }

    void row(long line, ObjectNode object) {
      Origin at = new Origin(file, line);
      TableRow known = row;
      if (known == null) {
        TableColumns columns = TableColumns.find(at, names, requests);
        wanted = columns.wanted();
        paths = wanted.stream().map(name -> name.split("\\.")).toList();
        values = new String[wanted.size()];
        known = row = new TableRow(columns, sink, part);
      }
      for (int i = 0; i < values.length; i++) {
        values[i] = text(value(object, wanted.get(i), paths.get(i)));
      }
      known.take(at, values);
    }

    /// A name with dots may be that of one field.
    private static JsonNode value(ObjectNode object, String name, String[] path) {
      JsonNode value = object.path(name);
      if (!value.isMissingNode() || path.length < 2) {
        return value;
      }
      value = object;
      for (String step : path) {
        value = value.path(step);
      }
      return value;
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
