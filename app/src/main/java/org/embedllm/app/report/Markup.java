package org.embedllm.app.report;

import java.util.Locale;

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

  static String escape(String plain) {
    return plain
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
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
