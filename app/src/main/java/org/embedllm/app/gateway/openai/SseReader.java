package org.embedllm.app.gateway.openai;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Reads server-sent events: the `data` of each.
public final class SseReader {
  private static final int MAX_EVENT = 32 << 20;

  private final InputStream in;
  private final byte[] buffer = new byte[8 << 10];
  private int at;
  private int filled;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream(512);

  public SseReader(InputStream in) {
    this.in = in;
  }

  /// The next event's data; empty at the end of the stream. Comments and other fields are skipped.
  /// An event that the end cuts off is not an event.
  public Optional<byte[]> next() throws IOException {
    var data = new ByteArrayOutputStream(512);
    boolean any = false;
    while (true) {
      if (!readLine()) {
        return Optional.empty();
      }
      if (line.size() == 0) {
        if (any) {
          return Optional.of(data.toByteArray());
        }
        continue;
      }
      byte[] bytes = line.toByteArray();
      if (startsWith(bytes, "data:")) {
        if (any) {
          data.write('\n');
        }
        int from = bytes.length > 5 && bytes[5] == ' ' ? 6 : 5;
        data.write(bytes, from, bytes.length - from);
        any = true;
      } else if (bytes[0] == '{' || bytes[0] == '<') {
        throw new IOException("not an event stream: a line begins with " + (char) bytes[0]);
      }
      if (data.size() > MAX_EVENT) {
        throw new IOException("an event has more than 32 MiB");
      }
    }
  }

  /// Whether more bytes lie ready, so that a writer may wait before it flushes.
  public boolean ready() {
    return at < filled;
  }

  private boolean readLine() throws IOException {
    line.reset();
    while (true) {
      if (at == filled) {
        filled = in.read(buffer);
        at = 0;
        if (filled < 0) {
          filled = 0;
          return false;
        }
      }
      int start = at;
      while (at < filled && buffer[at] != '\n') {
        at++;
      }
      line.write(buffer, start, at - start);
      if (line.size() > MAX_EVENT) {
        throw new IOException("a line has more than 32 MiB");
      }
      if (at < filled) {
        at++;
        dropCarriageReturn();
        return true;
      }
    }
  }

  private void dropCarriageReturn() {
    byte[] bytes = line.toByteArray();
    if (bytes.length > 0 && bytes[bytes.length - 1] == '\r') {
      line.reset();
      line.write(bytes, 0, bytes.length - 1);
    }
  }

  private static boolean startsWith(byte[] bytes, String prefix) {
    byte[] p = prefix.getBytes(StandardCharsets.US_ASCII);
    if (bytes.length < p.length) {
      return false;
    }
    for (int i = 0; i < p.length; i++) {
      if (bytes[i] != p[i]) {
        return false;
      }
    }
    return true;
  }
}
