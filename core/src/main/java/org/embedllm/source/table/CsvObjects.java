package org.embedllm.source.table;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.embedllm.source.SourcePreview;
import org.embedllm.source.file.JsonFields;
import org.embedllm.source.file.JsonRecords;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Cells of a CSV table that hold JSON objects: `a.b` is field b of the objects in column a, as in
/// the other formats.
final class CsvObjects {
  private static final Pattern OBJECT = Pattern.compile("\\{\\s*\"");
  private static final int MOST_NAMES = 10_000;

  private CsvObjects() {}

  /// The names of a header, and behind them those of the fields that the first rows have, and of
  /// those that were asked for.
  static List<String> names(Path file, List<String> header, TableRequests requests) {
    String start = new SourcePreview(file).start();
    if (!start.contains("\"{") && !start.contains("{\"")) {
      return header; // The common case costs no second look at the file.
    }
    TableSample sample = TableSample.of(file, header);
    Set<String> names = new LinkedHashSet<>(header);
    for (String column : header) {
      sample.values(column).forEach(cell -> add(column, parsed(cell), names));
    }
    for (String asked : requests.absentFrom(names)) {
      owner(asked, header)
          .filter(column -> names.stream().anyMatch(name -> name.startsWith(column + ".")))
          .ifPresent(column -> names.add(asked));
    }
    return List.copyOf(names);
  }

  private static void add(String prefix, JsonNode object, Set<String> names) {
    if (object.isObject() && names.size() < MOST_NAMES) {
      object.forEachEntry((field, value) -> {
        names.add(prefix + "." + field);
        add(prefix + "." + field, value, names);
      });
    }
  }

  /// The column that a field belongs to: the one with the longest name.
  static Optional<String> owner(String field, List<String> header) {
    return header.stream()
        .filter(column -> field.startsWith(column + "."))
        .max(java.util.Comparator.comparingInt(String::length));
  }

  /// A field of the object in a cell, as text: lists and objects as JSON. Empty where the cell
  /// holds no object, or the object no such field.
  static String value(String cell, String path) {
    JsonNode value = JsonFields.at(parsed(cell), path);
    return value.isContainer() ? value.toString() : JsonFields.text(value);
  }

  private static JsonNode parsed(String cell) {
    if (OBJECT.matcher(cell).lookingAt()) {
      try {
        return JsonRecords.JSON.readTree(cell);
      } catch (JacksonException e) {
        return JsonRecords.JSON.missingNode(); // A text that begins like an object.
      }
    }
    return JsonRecords.JSON.missingNode();
  }
}
