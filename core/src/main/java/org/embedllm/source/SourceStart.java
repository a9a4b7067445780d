package org.embedllm.source;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// The beginning of a file, unpacked: enough to recognize its layout when its name does not say it.
///
/// @param text its first bytes, each as one character
record SourceStart(String text) {
  private static final int BYTES = 1 << 14;

  static SourceStart of(Path file) {
    try (SourceFile source = SourceFile.open(file, ImportProgress.NONE)) {
      return new SourceStart(
          new String(source.bytes().readNBytes(BYTES), StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw SourceFile.failed(file, 0, e);
    }
  }

  SourceFormat format() {
    if (text.startsWith("PAR1")) {
      return SourceFormat.PARQUET;
    }
    String start = text.stripLeading();
    if (start.startsWith("{") || start.startsWith("[")) {
      boolean log = text.contains("\"doc_id\"") && text.contains("\"doc\"");
      return log ? SourceFormat.LM_EVAL : SourceFormat.JSONL;
    }
    return SourceFormat.CSV;
  }
}
