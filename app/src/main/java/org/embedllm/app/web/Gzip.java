package org.embedllm.app.web;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/// Bytes compressed with gzip.
final class Gzip {
  private Gzip() {}

  /// Best compression, for content that is sent often.
  static byte[] best(byte[] bytes) {
    return zipped(bytes, Deflater.BEST_COMPRESSION);
  }

  /// Quickly, for what is sent once.
  static byte[] fast(byte[] bytes) {
    return zipped(bytes, Deflater.BEST_SPEED);
  }

  private static byte[] zipped(byte[] bytes, int level) {
    var out = new ByteArrayOutputStream(bytes.length / 3 + 64);
    try (var zip = new Leveled(out, level)) {
      zip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static final class Leveled extends GZIPOutputStream {
    Leveled(OutputStream out, int level) throws IOException {
      super(out);
      def.setLevel(level);
    }
  }
}
