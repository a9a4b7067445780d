package org.embedllm.app.report;

import java.util.Locale;

/// The format of a number for a reader.
public enum ValueFormat {
  /// A fraction as a percentage with one decimal.
  PERCENT(100, "%.1f", " %"),
  /// A whole number, thousands grouped.
  COUNT(1, "%,.0f", ""),
  /// Three decimals.
  DECIMAL(1, "%.3f", ""),
  /// Three significant digits, without zeros at the end.
  GENERAL(1, "", ""),
  /// US dollars: two decimals, and three significant digits below one dollar.
  USD(1, "", "");

  private final double factor;
  private final String pattern;
  private final String suffix;

  ValueFormat(double factor, String pattern, String suffix) {
    this.factor = factor;
    this.pattern = pattern;
    this.suffix = suffix;
  }

  /// The number as text; an en dash where it is not known.
  public String show(double value) {
    if (!Double.isFinite(value)) {
      return "–";
    }
    return switch (this) {
      case GENERAL -> significant(value);
      case USD -> dollars(value);
      case PERCENT, COUNT, DECIMAL -> rounded(value) + suffix;
    };
  }

  /// The number on an axis: a fraction shown as a percentage is multiplied by 100.
  double onAxis(double value) {
    return value * factor;
  }

  private String rounded(double value) {
    String text = String.format(Locale.ROOT, pattern, value * factor);
    boolean negativeZero =
        text.startsWith("-") && text.chars().noneMatch(c -> c >= '1' && c <= '9');
    return minus(negativeZero ? text.substring(1) : text);
  }

  private static String significant(double value) {
    double size = Math.abs(value);
    if (size == 0) {
      return "0";
    }
    if (size < 1e-4 || size >= 1e7) {
      return minus(String.format(Locale.ROOT, "%.2e", value));
    }
    int decimals = Math.clamp(2 - (int) Math.floor(Math.log10(size)), 0, 7);
    String text = String.format(Locale.ROOT, "%,." + decimals + "f", value);
    return minus(decimals == 0 ? text : text.replaceAll("\\.?0+$", ""));
  }

  private static String dollars(double value) {
    double size = Math.abs(value);
    int decimals = size > 0 && size < 1 ? Math.min(8, 2 - (int) Math.floor(Math.log10(size))) : 2;
    return minus(String.format(Locale.ROOT, "%,." + decimals + "f", value));
  }

  private static String minus(String text) {
    return text.startsWith("-") ? "−" + text.substring(1) : text;
  }
}
