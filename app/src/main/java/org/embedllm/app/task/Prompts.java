package org.embedllm.app.task;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.Utf8Text;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Prompts from a file or a stream: plain text with one a line, JSONL with a string or an object a
/// line, or CSV with a column `prompt`. Files may be gzipped.
public final class Prompts {
  private static final List<String> NAMES = List.of("prompt", "question", "text");
  private static final Path STANDARD_INPUT = Path.of("standard input");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Prompts() {}

  /// @throws BadInputException when the file holds no prompt, or something else
  public static List<String> read(Path file) throws IOException {
    return read(file, List.of()).stream().map(Prompt::text).toList();
  }

  /// Prompts with their attributes.
  ///
  /// @param attributes names of columns, or of fields of objects, to be read as attributes; an
  ///   array is read as its JSON text
  /// @throws BadInputException when the file holds no prompt, or something else
  public static List<Prompt> read(Path file, List<String> attributes) throws IOException {
    if (Files.isDirectory(file)) {
      throw BadInputException.in(file, "is a directory; prompts come from a file");
    }
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    boolean zipped = name.endsWith(".gz");
    String plain = zipped ? name.substring(0, name.length() - 3) : name;
    try (InputStream raw = Files.newInputStream(file);
        InputStream in = zipped ? new GZIPInputStream(raw) : raw) {
      List<Prompt> prompts =
          plain.endsWith(".csv")
              ? csv(file, in, attributes)
              : plain.endsWith(".jsonl") || plain.endsWith(".ndjson")
                  ? objects(file, lines(file, in), attributes)
                  : lines(file, in).stream()
                      .map(line -> new Prompt(line.text().strip(), Map.of()))
                      .toList();
      if (prompts.isEmpty()) {
        throw BadInputException.in(file, "holds no prompt");
      }
      return prompts;
    }
  }

  /// Prompts from standard input with their attributes: JSONL where the first line that is not
  /// blank starts an object, otherwise one a line.
  ///
  /// @param attributes names of fields of objects to be read as attributes
  public static List<Prompt> readStandardInput(InputStream in, List<String> attributes)
      throws IOException {
    List<Line> lines = lines(STANDARD_INPUT, in);
    if (lines.isEmpty()) {
      throw BadInputException.of(
          "there is no prompt: give one as an argument, with --file, or on standard input");
    }
    return lines.getFirst().text().strip().startsWith("{")
        ? objects(STANDARD_INPUT, lines, attributes)
        : lines.stream().map(line -> new Prompt(line.text().strip(), Map.of())).toList();
  }

  /// A line that is not blank.
  private record Line(long number, String text) {}

  private static List<Line> lines(Path file, InputStream in) throws IOException {
    List<Line> lines = new ArrayList<>();
    long number = 0;
    try (var reader = new BufferedReader(Utf8Text.of(file, in))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        number++;
        if (!line.isBlank()) {
          lines.add(new Line(number, line));
        }
      }
    }
    return lines;
  }

  private static List<Prompt> objects(Path file, List<Line> lines, List<String> attributes) {
    List<Prompt> prompts = new ArrayList<>(lines.size());
    for (Line line : lines) {
      prompts.add(json(file, line.number(), line.text(), attributes));
    }
    return prompts;
  }

  private static Prompt json(Path file, long line, String text, List<String> attributes) {
    JsonNode node;
    try {
      node = JSON.readTree(text);
    } catch (JacksonException e) {
      throw BadInputException.at(file, line, "is not valid JSON");
    }
    JsonNode prompt = node.isString() ? node : field(node);
    if (prompt == null || !prompt.isString()) {
      throw BadInputException.at(
          file, line, "must be a string or an object with \"prompt\"; got " + text);
    }
    Map<String, String> fields = new HashMap<>();
    for (String name : attributes) {
      JsonNode value = node.get(name);
      if (value != null && value.isValueNode() && !value.isNull()) {
        fields.put(name, value.asString());
      } else if (value != null && value.isArray()) {
        fields.put(name, value.toString());
      }
    }
    return new Prompt(notBlank(file, line, prompt.asString()), fields);
  }

  private static @Nullable JsonNode field(JsonNode object) {
    for (String name : NAMES) {
      JsonNode value = object.get(name);
      if (value != null) {
        return value;
      }
    }
    return null;
  }

  private static List<Prompt> csv(Path file, InputStream in, List<String> attributes)
      throws IOException {
    List<Prompt> prompts = new ArrayList<>();
    Map<String, Integer> columns = new HashMap<>();
    int column = -1;
    try (CsvReader<CsvRecord> rows =
        CsvReader.builder().maxBufferSize(1 << 28).ofCsvRecord(Utf8Text.of(file, in))) {
      for (CsvRecord row : rows) {
        long line = row.getStartingLineNumber();
        if (column < 0) {
          column = column(file, row.getFields());
          for (String name : attributes) {
            columns.put(name, row.getFields().indexOf(name));
          }
        } else {
          String prompt = column < row.getFieldCount() ? row.getField(column) : "";
          prompts.add(new Prompt(notBlank(file, line, prompt), fields(row, columns)));
        }
      }
    } catch (CsvParseException | UncheckedIOException e) {
      throw BadInputException.notCsv(file, e);
    }
    return prompts;
  }

  /// The attributes of a row; an empty cell says nothing.
  private static Map<String, String> fields(CsvRecord row, Map<String, Integer> columns) {
    Map<String, String> fields = new HashMap<>();
    columns.forEach((name, at) -> {
      if (at >= 0 && at < row.getFieldCount() && !row.getField(at).isBlank()) {
        fields.put(name, row.getField(at));
      }
    });
    return fields;
  }

  /// Which column of a header holds the prompts.
  private static int column(Path file, List<String> header) {
    List<String> names =
        header.stream().map(name -> name.strip().toLowerCase(Locale.ROOT)).toList();
    return NAMES.stream()
        .mapToInt(names::indexOf)
        .filter(at -> at >= 0)
        .findFirst()
        .orElseThrow(() ->
            BadInputException.at(
                file,
                1,
                "must have a column %s; has %s"
                    .formatted(String.join(" or ", NAMES), String.join(", ", header))));
  }

  private static String notBlank(Path file, long line, String prompt) {
    if (prompt.isBlank()) {
      throw BadInputException.at(file, line, "the prompt is empty");
    }
    return prompt;
  }
}
