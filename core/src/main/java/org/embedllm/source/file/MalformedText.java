package org.embedllm.source.file;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/// Finds where a file stops being UTF-8, by a second pass, after an error only.
final class MalformedText {
  private MalformedText() {}

  /// The line of the first malformed byte, counted from 1; 1 where the file cannot be read again.
  static long line(Path path) {
    try (InputStream in = unpacked(path)) {
      return line(in);
    } catch (IOException e) {
      return 1;
    }
  }

  private static InputStream unpacked(Path path) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(path), 1 << 16);
    in.mark(2);
    boolean gzip = in.read() == 0x1f && in.read() == 0x8b;
    in.reset();
    return gzip ? new GZIPInputStream(in) : in;
  }

  private static long line(InputStream in) throws IOException {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT);
    ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
    CharBuffer chars = CharBuffer.allocate(1 << 16);
    long line = 1;
    boolean more = true;
    while (more) {
      int got = in.read(bytes.array(), bytes.position(), bytes.remaining());
      more = got >= 0;
      bytes.position(bytes.position() + Math.max(got, 0)).flip();
      CoderResult result = decoder.decode(bytes, chars.clear(), !more);
      chars.flip();
      while (chars.hasRemaining()) {
        line += chars.get() == '\n' ? 1 : 0;
      }
      if (result.isError()) {
        return line;
      }
      bytes.compact();
    }
    return line;
  }
}
