package org.embedllm.gateway.openai;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Changes of single values in the bytes of a JSON object; all other bytes stay as they are.
final class BodyEdits {
  private final List<Edit> edits = new ArrayList<>();

  /// Where a value is.
  ///
  /// @param start its first byte
  /// @param end the byte after its last
  record Span(int start, int end) {}

  private record Edit(Span span, String text) {}

  /// @param json what takes the value's place
  void replace(Span value, String json) {
    edits.add(new Edit(value, json));
  }

  void insert(int at, String json) {
    edits.add(new Edit(new Span(at, at), json));
  }

  /// The changed bytes.
  byte[] of(byte[] bytes) {
    edits.sort(Comparator.comparingInt(edit -> edit.span().start()));
    var out = new ByteArrayOutputStream(bytes.length + 128);
    int at = 0;
    for (Edit edit : edits) {
      out.write(bytes, at, edit.span().start() - at);
      out.writeBytes(edit.text().getBytes(StandardCharsets.UTF_8));
      at = edit.span().end();
    }
    out.write(bytes, at, bytes.length - at);
    return out.toByteArray();
  }
}
