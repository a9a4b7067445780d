package org.embedllm.gateway.openai;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/// Reads server-sent events: the `data` of each.
public final class SseReader {
  private static final int MAX_EVENT = 32 << 20;
  private static final byte[] FIELD = "data:".getBytes(StandardCharsets.US_ASCII);

  private final InputStream in;
  private final ByteArrayOutputStream data = new ByteArrayOutputStream(512);
  private byte[] buffer = new byte[8 << 10];
  private int at; // where the next line begins
  private int filled;
  private int lineStart;
  private int lineEnd;

  public SseReader(InputStream in) {
    this.in = in;
  }

  /// The next event's data; empty at the end of the stream. Comments and other fields are skipped.
  /// An event that the end cuts off is not an event.
  public Optional<byte[]> next() throws IOException {
    data.reset();
    boolean any = false;
    while (readLine()) {
      if (lineStart == lineEnd) {
        if (any) {
          return Optional.of(data.toByteArray());
        }
      } else if (isData()) {
        if (any) {
          data.write('\n');
        }
        addValue();
        any = true;
      } else if (buffer[lineStart] == '{' || buffer[lineStart] == '<') {
        throw new IOException(
            "not an event stream: a line begins with " + (char) buffer[lineStart]);
      }
    }
    return Optional.empty();
  }

  /// Whether more bytes lie ready, so that a writer may wait before it flushes.
  public boolean ready() {
    return at < filled;
  }

  private boolean isData() {
    return lineEnd - lineStart >= FIELD.length
        && Arrays.equals(buffer, lineStart, lineStart + FIELD.length, FIELD, 0, FIELD.length);
  }

  private void addValue() throws IOException {
    int colon = lineStart + FIELD.length;
    int from = colon < lineEnd && buffer[colon] == ' ' ? colon + 1 : colon;
    data.write(buffer, from, lineEnd - from);
    if (data.size() > MAX_EVENT) {
      throw new IOException("an event has more than 32 MiB");
    }
  }

  /// Finds the next line, without its end, between `lineStart` and `lineEnd`.
  private boolean readLine() throws IOException {
    int searched = 0;
    while (true) {
      for (int i = at + searched; i < filled; i++) {
        if (buffer[i] == '\n') {
          lineStart = at;
          lineEnd = i > at && buffer[i - 1] == '\r' ? i - 1 : i;
          at = i + 1;
          return true;
        }
      }
      searched = filled - at;
      makeRoom();
      int n = in.read(buffer, filled, buffer.length - filled);
      if (n < 0) {
        return false;
      }
      filled += n;
    }
  }

  private void makeRoom() throws IOException {
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
