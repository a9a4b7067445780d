package org.embedllm.source.file;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.embedllm.storage.BadInputException;
import org.jspecify.annotations.Nullable;

/// Rows of a CSV file with a header: only wanted columns become strings, and a value that repeats
/// the row above is not allocated again. Texts that [FormulaEscape] changed come back as they were.
public final class CsvRows {
  /// Maximum characters of a field: long prompts fit, and an unclosed quote does not read
  /// gigabytes.
  private static final int MAX_FIELD_CHARS = 64 << 20;

  /// Chooses columns by the header.
  @FunctionalInterface
  public interface ColumnChoice {
    /// @param header names of the columns
    /// @return index of each wanted column, -1 for a wanted column that is absent
    int[] choose(List<String> header);
  }

  /// Takes a row.
  @FunctionalInterface
  public interface RowConsumer {
    /// @param line the line the row begins at, counted from 1
    /// @param values value of each wanted column; empty where the column is absent. Overwritten by
    ///   the next row.
    void accept(long line, String[] values);
  }

  /// A first line that names the separator, which may be a tab.
  private static final Pattern SEPARATOR_LINE =
      Pattern.compile("\\s*\"?sep=([^\"])\"?\\s*", Pattern.CASE_INSENSITIVE);

  /// Characters among which the header is looked for.
  private static final int HEADER_CHARS = 1 << 16;

  private CsvRows() {}

  /// Reads all rows.
  ///
  /// @return number of rows behind the header
  public static long read(SourceFile file, ColumnChoice choice, RowConsumer consumer) {
    Path path = file.path();
    Handler handler = new Handler(path, choice);
    long records = 0;
    try (PeekedText text = new PeekedText(file.text(), HEADER_CHARS);
        var reader =
            CsvReader.builder()
                .fieldSeparator(handler.separator(text))
                .maxBufferSize(MAX_FIELD_CHARS)
                .skipEmptyLines(true)
                .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                .build(handler, text)) {
      for (String[] values : reader) {
        if (++records > 1) {
          consumer.accept(handler.line(), values);
        }
      }
    } catch (CsvParseException e) {
      throw unreadable(path, handler.line(), e);
    } catch (IOException | UncheckedIOException e) {
      throw SourceFile.failed(path, handler.line(), e);
    }
    if (records == 0) {
      throw BadInputException.in(path, "is empty: it has no header line");
    }
    return records - 1;
  }

  private static BadInputException unreadable(Path path, long line, CsvParseException e) {
    for (Throwable c = e; c != null; c = c.getCause()) {
      if (c instanceof BadInputException known) {
        return known;
      }
      if (c instanceof IOException) {
        String message = String.valueOf(c.getMessage());
        return message.contains("maximum buffer size") || message.contains("buffer")
            ? BadInputException.at(
                path,
                line,
                "a field is longer than 64 million characters; is a closing quote missing?")
            : SourceFile.failed(path, line, c);
      }
    }
    return BadInputException.at(path, line, "is not valid CSV (RFC 4180); check the quotes");
  }

  private static final class Handler extends AbstractBaseCsvCallbackHandler<String[]> {
    private final Path path;
    private final ColumnChoice choice;
    private final List<String> header = new ArrayList<>();
    private boolean sawHeader;
    private boolean escaped; // whether the file has the column that says so
    private int columns;
    private int[] wantedAt = {}; // [columns] wanted column of a field, or -1
    private String[] values = {}; // [wanted]
    private char[][] previous = {}; // [wanted] characters of the value in the row above
    private int[] previousLength = {}; // [wanted]
    private int fields;
    private boolean blank; // whether the first field of the row is
    private long linesBefore;

    Handler(Path path, ColumnChoice choice) {
      this.path = path;
      this.choice = choice;
    }

    long line() {
      return linesBefore + getStartingLineNumber();
    }

    /// The separator: the one that a first line such as `sep=;` names, else the comma, semicolon or
    /// tab that is most frequent in the header.
    char separator(PeekedText text) {
      String line = text.start().lines().findFirst().orElse("");
      Matcher named = SEPARATOR_LINE.matcher(line);
      if (named.matches()) {
        linesBefore = 1;
        text.skipLine();
        return named.group(1).charAt(0);
      }
      return Stream.of(',', ';', '\t')
          .max(Comparator.comparingLong(separator -> count(line, separator)))
          .orElse(',');
    }

    /// How often a character is in a line outside of quotes.
    private static long count(String line, char wanted) {
      long count = 0;
      boolean quoted = false;
      for (int i = 0; i < line.length(); i++) {
        quoted ^= line.charAt(i) == '"';
        count += !quoted && line.charAt(i) == wanted ? 1 : 0;
      }
      return count;
    }

    @Override
    protected void handleBegin(long startingLineNumber) {
      fields = 0;
    }

    private static boolean isBlank(char[] buffer, int offset, int length) {
      for (int i = offset; i < offset + length; i++) {
        if (!Character.isWhitespace(buffer[i])) {
          return false;
        }
      }
      return true;
    }

    @Override
    protected void handleField(int field, char[] buffer, int offset, int length, boolean quoted) {
      if (fields++ == 0) {
        blank = length == 0 || (buffer[offset] <= ' ' && isBlank(buffer, offset, length));
      }
      if (!sawHeader) {
        header.add(new String(buffer, offset, length).strip());
        return;
      }
      int wanted = field < columns ? wantedAt[field] : -1;
      if (wanted < 0) {
        return;
      }
      char[] before = previous[wanted];
      if (previousLength[wanted] != length
          || !Arrays.equals(before, 0, length, buffer, offset, offset + length)) {
        String value = new String(buffer, offset, length);
        values[wanted] = escaped ? FormulaEscape.unescaped(value) : value;
        if (before.length < length) {
          previous[wanted] = before = new char[length + length / 2];
        }
        System.arraycopy(buffer, offset, before, 0, length);
        previousLength[wanted] = length;
      }
    }

    @Override
    protected String @Nullable [] buildRecord() {
      if ((fields == 0 || (fields == 1 && blank)) && columns != 1) {
        return null;
      }
      if (sawHeader) {
        if (fields != columns) {
          throw BadInputException.at(
              path,
              line(),
              "has %d fields where the header has %d; is a quote or a separator missing?"
                  .formatted(fields, columns));
        }
        return values;
      }
      sawHeader = true;
      columns = header.size();
      wantedAt = new int[columns];
      Arrays.fill(wantedAt, -1);
      escaped = header.contains(FormulaEscape.COLUMN);
      int[] chosen = choice.choose(escaped ? FormulaEscape.unescaped(header) : List.copyOf(header));
      for (int w = 0; w < chosen.length; w++) {
        if (chosen[w] >= 0) {
          wantedAt[chosen[w]] = w;
        }
      }
      values = new String[chosen.length];
      Arrays.fill(values, "");
      previous = new char[chosen.length][0];
      previousLength = new int[chosen.length];
      return values;
    }
  }
}
