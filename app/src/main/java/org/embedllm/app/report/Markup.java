package org.embedllm.app.report;

import java.util.Locale;
import org.embedllm.storage.Printable;

/// A builder of HTML or SVG that escapes text and shortens numbers.
final class Markup {
  private final StringBuilder text = new StringBuilder(4096);

  /// Appends markup unchanged.
  Markup raw(String markup) {
    text.append(markup);
    return this;
  }

  /// Appends text, escaped.
  Markup escaped(String plain) {
    text.append(escape(plain));
    return this;
  }

  /// Appends markup with `%s` for each argument: numbers are shortened, all else is escaped.
  Markup add(String pattern, Object... arguments) {
    Object[] shown = new Object[arguments.length];
    for (int k = 0; k < arguments.length; k++) {
      shown[k] =
          arguments[k] instanceof Double number
              ? number(number)
              : escape(String.valueOf(arguments[k]));
    }
    text.append(String.format(Locale.ROOT, pattern, shown));
    return this;
  }

  /// Markup for a text; characters that XML does not know, and those that turn the direction of
  /// writing, are left out.
  static String escape(String plain) {
    return shown(plain)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  private static String shown(String plain) {
    if (plain.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
      return plain;
    }
    StringBuilder shown = new StringBuilder(plain.length());
    plain
        .codePoints()
        .filter(c ->
            c == '\n'
                || c == '\t'
                || !(c <= Character.MAX_VALUE
                    && (Printable.acts((char) c)
                        || Character.isSurrogate((char) c)
                        || c >= 0xfffe)))
        .forEach(shown::appendCodePoint);
    return shown.toString();
  }

  /// At most two decimals.
  static String number(double value) {
    double rounded = Math.round(value * 100) / 100.0;
    return rounded == Math.rint(rounded)
        ? Long.toString((long) rounded)
        : String.format(Locale.ROOT, "%.2f", rounded).replaceAll("0$", "");
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
