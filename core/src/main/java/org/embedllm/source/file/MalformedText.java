package org.embedllm.source.file;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.Utf8Text;

/// Finds where a file stops being UTF-8, by a second pass, after an error only.
final class MalformedText {
  private MalformedText() {}

  /// The line of the first malformed byte, counted from 1; 1 where the file cannot be read again.
  static long line(Path path) {
    try (Utf8Text text = Utf8Text.of(path, unpacked(path))) {
      text.transferTo(Writer.nullWriter());
      return 1;
    } catch (BadInputException e) {
      return e.line().orElse(1);
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
}
