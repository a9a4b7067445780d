package org.embedllm.gateway.openai;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/// Reads server-sent events as the HTML standard has them: lines end in LF, CR or both, and a byte
/// order mark may come first.
public final class SseReader {
  private static final int MAX_EVENT = 32 << 20;
  private static final byte[] DATA = "data".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] EVENT = "event".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private final InputStream in;
  private final ByteArrayOutputStream data = new ByteArrayOutputStream(512);
  private Optional<String> name = Optional.empty();
  private boolean any; // whether the event that is being read has data
  private byte[] buffer = new byte[8 << 10];
  private int at; // where the next line begins
  private int filled;
  private int lineStart;
  private int lineEnd;
  private boolean started;
  private boolean afterReturn; // the last line ended in CR, and its LF may follow

  public SseReader(InputStream in) {
    this.in = in;
  }

  /// The next event, or a comment that comes before it; empty at the end of the stream. Other
  /// fields are skipped. An event that the end cuts off is not an event.
  ///
  /// @throws IOException also where the bytes are no event stream
  public Optional<SseEvent> next() throws IOException {
    while (readLine()) {
      if (lineStart == lineEnd) {
        Optional<SseEvent> event = finished();
        if (event.isPresent()) {
          return event;
        }
      } else if (buffer[lineStart] == ':') {
        return Optional.of(SseEvent.comment());
      } else if (isField(DATA)) {
        if (any) {
          data.write('\n');
        }
        addValue(DATA);
        any = true;
      } else if (isField(EVENT)) {
        int from = valueStart(EVENT);
        name = Optional.of(new String(buffer, from, lineEnd - from, StandardCharsets.UTF_8));
      } else if (buffer[lineStart] == '{' || buffer[lineStart] == '<') {
        throw new IOException(
            "not an event stream: a line begins with " + (char) buffer[lineStart]);
      }
    }
    return Optional.empty();
  }

  private Optional<SseEvent> finished() {
    Optional<String> named = name;
    name = Optional.empty();
    if (!any) {
      return Optional.empty();
    }
    SseEvent event = SseEvent.of(named, data.toByteArray());
    data.reset();
    any = false;
    return Optional.of(event);
  }

  /// Whether more bytes lie ready, so that a writer may wait before it flushes.
  public boolean ready() {
    return at < filled;
  }

  private boolean isField(byte[] field) {
    int length = lineEnd - lineStart;
    return length >= field.length
        && Arrays.equals(buffer, lineStart, lineStart + field.length, field, 0, field.length)
        && (length == field.length || buffer[lineStart + field.length] == ':');
  }

  private int valueStart(byte[] field) {
    int from = Math.min(lineEnd, lineStart + field.length + 1);
    return from < lineEnd && buffer[from] == ' ' ? from + 1 : from;
  }

  private void addValue(byte[] field) throws IOException {
    int from = valueStart(field);
    data.write(buffer, from, lineEnd - from);
    if (data.size() > MAX_EVENT) {
      throw new IOException("an event has more than 32 MiB");
    }
  }

  /// Finds the next line, without its end, between `lineStart` and `lineEnd`.
  private boolean readLine() throws IOException {
    int searched = 0;
    while (true) {
      if (skipMarks()) {
        for (int i = at + searched; i < filled; i++) {
          if (buffer[i] == '\n' || buffer[i] == '\r') {
            lineStart = at;
            lineEnd = i;
            at = i + 1;
            afterReturn = buffer[i] == '\r';
            return true;
          }
        }
        searched = filled - at;
      }
      makeSpace();
      int n = in.read(buffer, filled, buffer.length - filled);
      if (n < 0) {
        return false;
      }
      filled += n;
    }
  }

  /// Skips the LF of a CR LF, and a byte order mark at the beginning.
  ///
  /// @return false where more bytes are needed to tell
  private boolean skipMarks() {
    if (afterReturn && at < filled) {
      afterReturn = false;
      at += buffer[at] == '\n' ? 1 : 0;
    }
    if (!started) {
      int n = Math.min(filled - at, BYTE_ORDER_MARK.length);
      if (!Arrays.equals(buffer, at, at + n, BYTE_ORDER_MARK, 0, n)) {
        started = true;
      } else if (n == BYTE_ORDER_MARK.length) {
        started = true;
        at += n;
      } else {
        return false;
      }
    }
    return true;
  }

  private void makeSpace() throws IOException {
    System.arraycopy(buffer, at, buffer, 0, filled - at);
    filled -= at;
    at = 0;
    if (filled > MAX_EVENT) {
      throw new IOException("a line has more than 32 MiB");
    }
    if (filled == buffer.length) {
      buffer = Arrays.copyOf(buffer, 2 * buffer.length);
    }
  }
}
