package org.embedllm.source.file;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.embedllm.storage.BadInputException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// JSON objects of a file: one a line (JSON Lines), or the elements of one array, as in older logs.
/// `NaN` and `Infinity`, which Python writes, are read.
public final class JsonRecords {
  public static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /// Takes an object.
  @FunctionalInterface
  public interface RecordConsumer {
    /// @param line the line it begins at, counted from 1
    void accept(long line, ObjectNode object);
  }

  private final SourceFile file;
  private final Set<String> skipped;
  private Optional<ProblemConsumer> problems = Optional.empty();
  private boolean cut;

  /// @param skipped fields that are skipped without parsing
  public JsonRecords(SourceFile file, Set<String> skipped) {
    this.file = file;
    this.skipped = skipped;
  }

  /// Whether the last line is incomplete. It is left out, so a log whose writer was stopped keeps
  /// its complete lines.
  public boolean cut() {
    return cut;
  }

  /// Hears of a line that is no JSON object.
  @FunctionalInterface
  public interface ProblemConsumer {
    /// @param line the line, counted from 1
    void accept(long line, String problem);
  }

  /// Reads all objects, and goes on behind a line that is none. Of an array that is damaged, what
  /// precedes the damage is read.
  ///
  /// @return their number
  public long read(RecordConsumer consumer, ProblemConsumer problems) {
    this.problems = Optional.of(problems);
    return read(consumer);
  }

  private @Nullable ObjectNode damaged(long line, String problem) {
    if (problems.isEmpty()) {
      throw BadInputException.at(file.path(), line, problem);
    }
    problems.get().accept(line, problem);
    return null;
  }

  /// Reads all objects.
  ///
  /// @return their number
  /// @throws BadInputException when a line is no JSON object; an incomplete last line is not an
  ///   error
  public long read(RecordConsumer consumer) {
    Path path = file.path();
    long count = 0;
    TextLines lines = null;
    try {
      lines = new TextLines(file.text());
      while (lines.next()) {
        if (lines.isBlank()) {
          continue;
        }
        if (count == 0 && lines.text().stripLeading().startsWith("[")) {
          return array(lines, consumer);
        }
        ObjectNode object = object(lines);
        if (object == null) {
          continue;
        }
        consumer.accept(lines.number(), object);
        count++;
      }
    } catch (IOException e) {
      throw SourceFile.failed(path, lines == null ? 0 : lines.number(), e);
    }
    return count;
  }

  private @Nullable ObjectNode object(TextLines lines) {
    try (JsonParser parser = JSON.createParser(lines.text())) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return damaged(lines.number(), "must be one JSON object a line");
      }
      ObjectNode object = fields(parser);
      if (parser.nextToken() != null) {
        return damaged(lines.number(), "must be one JSON object a line; more follows on it");
      }
      return object;
    } catch (JacksonException e) {
      if (!lines.ended()) {
        cut = true;
        return null;
      }
      return damaged(lines.number(), "is not valid JSON" + place(e));
    }
  }

  /// An array over many lines: read into memory as a whole, since such logs are old and small.
  private long array(TextLines lines, RecordConsumer consumer) throws IOException {
    StringBuilder text = new StringBuilder(lines.text()).append('\n');
    long first = lines.number();
    while (lines.next()) {
      text.append(lines.text()).append('\n');
    }
    long count = 0;
    long line = first;
    try (JsonParser parser = JSON.createParser(text.toString())) {
      parser.nextToken();
      for (JsonToken token = parser.nextToken();
          token != JsonToken.END_ARRAY;
          token = parser.nextToken()) {
        line = first + parser.currentTokenLocation().getLineNr() - 1;
        if (token != JsonToken.START_OBJECT) {
          throw BadInputException.at(file.path(), line, "must be an array of JSON objects");
        }
        consumer.accept(line, fields(parser));
        count++;
      }
    } catch (JacksonException e) {
      damaged(line, "is not valid JSON" + place(e));
    }
    return count;
  }

  /// Where in a line the error is, if that is known.
  private static String place(JacksonException e) {
    int column = e.getLocation() == null ? 0 : e.getLocation().getColumnNr();
    return column > 0 ? " at column " + column : "";
  }

  private ObjectNode fields(JsonParser parser) {
    return fields(parser, skipped);
  }

  /// The object that a parser is at the beginning of.
  ///
  /// @param skipped fields that are left out
  static ObjectNode fields(JsonParser parser, Set<String> skipped) {
    ObjectNode object = JSON.createObjectNode();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      if (skipped.contains(name)) {
        parser.skipChildren();
      } else {
        object.set(name, JSON.readTree(parser));
      }
    }
    return object;
  }

  /// A text that can be written as UTF-8: half a surrogate pair, which JSON can escape, becomes
  /// U+FFFD.
  public static String wellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        return repaired(text);
      }
    }
    return text;
  }

  private static String repaired(String text) {
    StringBuilder repaired = new StringBuilder(text.length());
    text.codePoints()
        .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c)
        .forEach(repaired::appendCodePoint);
    return repaired.toString();
  }
}
