package org.embedllm.app.gateway.observe;

import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// A log line's parts by name: `name=value` for people, members of the object in JSON.
///
/// @param what happened, in a word
/// @param values texts, numbers and flags, in the order in which they are shown
record LogFields(String what, Map<String, Object> values) {
  @Override
  public String toString() {
    return values.entrySet().stream()
        .map(e -> e.getKey() + "=" + shown(e.getValue()))
        .collect(Collectors.joining(" ", what + " ", ""));
  }

  private static String shown(Object value) {
    if (value instanceof Double number) {
      return String.format(Locale.ROOT, "%.1f", number);
    }
    String text = String.valueOf(value);
    boolean plain = !text.isEmpty() && text.chars().allMatch(c -> c > ' ' && c != '"' && c != 127);
    return plain ? text : quoted(text);
  }

  /// On one line, whatever stands in it.
  private static String quoted(String text) {
    var out = new StringBuilder("\"");
    text.chars()
        .forEach(c -> {
          switch (c) {
            case '"', '\\' -> out.append('\\').append((char) c);
            case '\n' -> out.append("\\n");
            default -> out.append(c < ' ' || c == 127 ? ' ' : (char) c);
          }
        });
    return out.append('"').toString();
  }
}
