package org.embedllm.app.cli;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.embedllm.storage.BadInputException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Prompts from a file or a stream: plain text with one a line, JSONL with a string or an object a
/// line, or CSV with a column `prompt`. Files may be gzipped.
final class Prompts {
  private static final List<String> NAMES = List.of("prompt", "question", "text");
  private static final Path STANDARD_INPUT = Path.of("standard input");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Prompts() {}

  /// @throws BadInputException when the file holds no prompt, or something else
  static List<String> read(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw BadInputException.in(file, "is a directory; prompts come from a file");
    }
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    boolean zipped = name.endsWith(".gz");
    String plain = zipped ? name.substring(0, name.length() - 3) : name;
    try (InputStream raw = Files.newInputStream(file);
        InputStream in = zipped ? new GZIPInputStream(raw) : raw) {
      List<String> prompts =
          plain.endsWith(".csv")
              ? csv(file, in)
              : lines(file, in, plain.endsWith(".jsonl") || plain.endsWith(".ndjson"));
      if (prompts.isEmpty()) {
        throw BadInputException.in(file, "holds no prompt");
      }
      return prompts;
    }
  }

  /// Prompts from standard input: JSONL where the first line that is not blank starts an object,
  /// otherwise one a line.
  static List<String> readStandardInput(InputStream in) throws IOException {
    List<String> prompts = lines(STANDARD_INPUT, in, false);
    if (prompts.isEmpty()) {
      throw BadInputException.of(
          "there is no prompt: give one as an argument, with --file, or on standard input");
    }
    if (!prompts.getFirst().startsWith("{")) {
      return prompts;
    }
    List<String> parsed = new ArrayList<>();
    for (int at = 0; at < prompts.size(); at++) {
      parsed.add(json(STANDARD_INPUT, at + 1, prompts.get(at)));
    }
    return parsed;
  }

  private static List<String> lines(Path file, InputStream in, boolean json) throws IOException {
    List<String> prompts = new ArrayList<>();
    var decoder = StandardCharsets.UTF_8.newDecoder();
    long number = 0;
    try (var reader = new BufferedReader(new InputStreamReader(in, decoder))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        number++;
        String text = number == 1 && line.startsWith("\uFEFF") ? line.substring(1) : line;
        if (!text.isBlank()) {
          prompts.add(json ? json(file, number, text) : text.strip());
        }
      }
    } catch (MalformedInputException e) {
      throw BadInputException.at(file, number + 1, "is not valid UTF-8");
    }
    return prompts;
  }

  private static String json(Path file, long line, String text) {
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
    return prompt.asString();
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

  private static List<String> csv(Path file, InputStream in) throws IOException {
    List<String> prompts = new ArrayList<>();
    try (CsvReader<NamedCsvRecord> rows =
        CsvReader.builder()
            .maxBufferSize(1 << 28)
            .ofNamedCsvRecord(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (NamedCsvRecord row : rows) {
        String name =
            NAMES.stream()
                .filter(row.getHeader()::contains)
                .findFirst()
                .orElseThrow(() ->
                    BadInputException.at(
                        file, 1, "must have a column prompt; has " + row.getHeader()));
        prompts.add(row.getField(name));
      }
    } catch (CsvParseException e) {
      throw BadInputException.in(file, "is no valid CSV file: " + e.getMessage(), e);
    }
    return prompts;
  }
}
