package org.embedllm.source.file;

import java.io.IOException;
import java.io.Reader;

/// Lines of a text, each bounded in length; it knows whether the last line is complete.
final class TextLines {
  private static final int MAX_LINE_CHARS = 256 << 20;

  private final Reader reader;
  private final char[] buffer = new char[1 << 16];
  private final StringBuilder line = new StringBuilder();
  private int at;
  private int end;
  private long number;
  private boolean ended = true;

  TextLines(Reader reader) {
    this.reader = reader;
  }

  /// Goes to the next line; a line ends at `\n` only.
  ///
  /// @return whether there is one
  boolean next() throws IOException {
    line.setLength(0);
    ended = false;
    boolean any = false;
    while (at < end || fill()) {
      any = true;
      int from = at;
      while (at < end && buffer[at] != '\n') {
        at++;
      }
      if (line.length() > MAX_LINE_CHARS - (at - from)) {
        throw new IOException("a line is longer than 256 million characters");
      }
      line.append(buffer, from, at - from);
      if (at < end) {
        at++;
        ended = true;
        break;
      }
    }
    number += any ? 1 : 0;
    return any;
  }

  private boolean fill() throws IOException {
    at = 0;
    end = Math.max(0, reader.read(buffer, 0, buffer.length));
    return end > 0;
  }

  /// The line, without its end.
  String text() {
    return line.toString();
  }

  boolean isBlank() {
    for (int i = 0; i < line.length(); i++) {
      if (!Character.isWhitespace(line.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /// Number of the line, counted from 1.
  long number() {
    return number;
  }

  /// Whether the line was ended by `\n`; only the last one may lack it.
  boolean ended() {
    return ended;
  }
}
