package org.embedllm.storage;

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

  private static String escaped(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (acts(c)) {
        escaped.append(
            switch (c) {
              case '\n' -> "\\n";
              case '\r' -> "\\r";
              case '\t' -> "\\t";
              default -> "\\u%04x".formatted((int) c);
            });
      } else {
        escaped.append(c);
      }
    }
    return escaped.toString();
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
