package org.embedllm.app.task;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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
public final class Prompts {
  private static final List<String> NAMES = List.of("prompt", "question", "text");
  private static final Path STANDARD_INPUT = Path.of("standard input");
  private static final String NOT_UTF8 = "is not valid UTF-8; convert the file to UTF-8";
  private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Prompts() {}

  /// @throws BadInputException when the file holds no prompt, or something else
  public static List<String> read(Path file) throws IOException {
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
  public static List<String> readStandardInput(InputStream in) throws IOException {
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
      throw BadInputException.at(file, number + 1, NOT_UTF8);
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
    return notBlank(file, line, prompt.asString());
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
    int column = -1;
    long line = 1;
    try (CsvReader<CsvRecord> rows =
        CsvReader.builder()
            .maxBufferSize(1 << 28)
            .ofCsvRecord(
                new InputStreamReader(withoutMark(in), StandardCharsets.UTF_8.newDecoder()))) {
      for (CsvRecord row : rows) {
        line = row.getStartingLineNumber();
        if (column < 0) {
          column = column(file, row.getFields());
        } else {
          String prompt = column < row.getFieldCount() ? row.getField(column) : "";
          prompts.add(notBlank(file, line, prompt));
        }
      }
    } catch (CsvParseException | UncheckedIOException e) {
      if (e.getCause() instanceof CharacterCodingException) {
        throw BadInputException.at(file, line + 1, NOT_UTF8);
      }
      throw BadInputException.in(file, "is no valid CSV file: " + e.getMessage(), e);
    }
    return prompts;
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

  /// The bytes behind a byte order mark.
  private static InputStream withoutMark(InputStream in) throws IOException {
    PushbackInputStream bytes = new PushbackInputStream(in, MARK.length);
    byte[] first = bytes.readNBytes(MARK.length);
    if (!Arrays.equals(first, MARK)) {
      bytes.unread(first);
    }
    return bytes;
  }
}
