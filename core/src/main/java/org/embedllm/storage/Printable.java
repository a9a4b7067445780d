package org.embedllm.storage;

import java.io.PrintWriter;
import java.io.StringWriter;

/// Text from outside, made fit for a terminal: control characters and those that turn the direction
/// of writing are shown as escapes, such as `\u001b`.
public final class Printable {
  private Printable() {}

  /// The text with escapes in place of what would act on a terminal.
  public static String text(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (acts(text.charAt(i))) {
        return escaped(text);
      }
    }
    return text;
  }

  /// Several lines, or JSON, with escapes in place of what would act on a terminal; ends of lines
  /// and tabs stay, and so do JSON's values.
  public static String lines(String text) {
    StringBuilder lines = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean ends = c == '\n' || (c == '\r' && text.startsWith("\n", i + 1));
      if (ends || c == '\t' || !acts(c)) {
        lines.append(c);
      } else {
        lines.append(escape(c));
      }
    }
    return lines.toString();
  }

  /// Where a failure came from, as [#lines].
  public static String trace(Throwable failure) {
    StringWriter trace = new StringWriter();
    failure.printStackTrace(new PrintWriter(trace));
    return lines(trace.toString());
  }

  private static String escaped(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (acts(c)) {
        escaped.append(escape(c));
      } else {
        escaped.append(c);
      }
    }
    return escaped.toString();
  }

  private static String escape(char c) {
    return switch (c) {
      case '\n' -> "\\n";
      case '\r' -> "\\r";
      case '\t' -> "\\t";
      default -> "\\u%04x".formatted((int) c);
    };
  }

  /// Whether a character would act on a terminal instead of being shown.
  public static boolean acts(char c) {
    return Character.isISOControl(c)
        || c == '\u200e'
        || c == '\u200f'
        || c == '\u061c'
        || (c >= '\u202a' && c <= '\u202e')
        || (c >= '\u2066' && c <= '\u2069');
  }
}
