package org.embedllm.gateway.server;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/// What is sent to a client of HTTP 1.0, which knows no chunks (RFC 9112, section 6.1): a body of
/// unknown length is sent as it is, and ends with its connection. To other clients everything is
/// sent as the web server writes it. One answer is written at a time.
final class UnchunkedAnswers implements DataWriter {
  private static final Pattern CHUNKED =
      Pattern.compile("\r\n(transfer-encoding|trailer):[^\r\n]*", Pattern.CASE_INSENSITIVE);

  private enum Part {
    HEAD,
    WHOLE_BODY,
    CHUNK_SIZE,
    CHUNK,
    CHUNK_END,
    TRAILERS
  }

  private final DataWriter writer;
  private volatile boolean old;
  private Part part = Part.HEAD;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream(); // of the head or a size
  private int left; // bytes of the chunk

  UnchunkedAnswers(DataWriter writer) {
    this.writer = writer;
  }

  /// The client speaks HTTP 1.0: its connection has one answer.
  void begin() {
    old = true;
  }

  @Override
  public void write(BufferData... buffers) {
    if (old) {
      writer.write(unchunked(buffers));
    } else {
      writer.write(buffers);
    }
  }

  @Override
  public void write(BufferData buffer) {
    writer.write(old ? unchunked(buffer) : buffer);
  }

  @Override
  public void writeNow(BufferData... buffers) {
    if (old) {
      writer.writeNow(unchunked(buffers));
    } else {
      writer.writeNow(buffers);
    }
  }

  @Override
  public void writeNow(BufferData buffer) {
    writer.writeNow(old ? unchunked(buffer) : buffer);
  }

  @Override
  public void flush() {
    writer.flush();
  }

  @Override
  public void close() {
    writer.close();
  }

  private BufferData unchunked(BufferData... buffers) {
    var out = new ByteArrayOutputStream();
    for (BufferData buffer : buffers) {
      byte[] bytes = new byte[buffer.available()];
      buffer.read(bytes);
      int from = 0;
      while (from < bytes.length) {
        from = step(bytes, from, out);
      }
    }
    return BufferData.create(out.toByteArray());
  }

  /// Takes some bytes.
  ///
  /// @return where the rest begins
  private int step(byte[] bytes, int from, ByteArrayOutputStream out) {
    return switch (part) {
      case HEAD -> {
        line.write(bytes[from]);
        if (bytes[from] == '\n') {
          headLine(out);
        }
        yield from + 1;
      }
      case WHOLE_BODY -> {
        out.write(bytes, from, bytes.length - from);
        yield bytes.length;
      }
      case CHUNK_SIZE -> {
        line.write(bytes[from]);
        if (bytes[from] == '\n') {
          sizeLine();
        }
        yield from + 1;
      }
      case CHUNK -> {
        int count = Math.min(left, bytes.length - from);
        out.write(bytes, from, count);
        left -= count;
        part = left == 0 ? Part.CHUNK_END : Part.CHUNK;
        yield from + count;
      }
      case CHUNK_END -> {
        part = bytes[from] == '\n' ? Part.CHUNK_SIZE : Part.CHUNK_END;
        yield from + 1;
      }
      case TRAILERS -> bytes.length;
    };
  }

  private void headLine(ByteArrayOutputStream out) {
    String head = line.toString(StandardCharsets.ISO_8859_1);
    if (!head.endsWith("\r\n\r\n")) {
      return;
    }
    line.reset();
    String plain = CHUNKED.matcher(head).replaceAll("");
    out.writeBytes(plain.getBytes(StandardCharsets.ISO_8859_1));
    boolean interim = head.startsWith("HTTP/1.1 1");
    part = interim ? Part.HEAD : plain.equals(head) ? Part.WHOLE_BODY : Part.CHUNK_SIZE;
  }

  private void sizeLine() {
    String size = line.toString(StandardCharsets.ISO_8859_1).strip();
    line.reset();
    int extension = size.indexOf(';');
    left = Integer.parseInt(extension < 0 ? size : size.substring(0, extension).strip(), 16);
    part = left == 0 ? Part.TRAILERS : Part.CHUNK;
  }
}
