package org.embedllm.app.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// A text table: the first column left-aligned, the others right-aligned.
public final class TextTable {
  private final List<String> header;
  private final List<List<String>> rows = new ArrayList<>();

  public TextTable(String... header) {
    this.header = List.of(header);
  }

  /// @param cells as many as the header has
  public TextTable row(String... cells) {
    if (cells.length != header.size()) {
      throw new IllegalArgumentException(
          "a row of %d cells does not fit %d columns".formatted(cells.length, header.size()));
    }
    rows.add(List.of(cells));
    return this;
  }

  public void print(Console console) {
    lines().forEach(line -> console.line("%s", line));
  }

  List<String> lines() {
    int[] widths = new int[header.size()];
    List<List<String>> all = new ArrayList<>(rows);
    all.addFirst(header);
    for (List<String> row : all) {
      for (int c = 0; c < widths.length; c++) {
        widths[c] = Math.max(widths[c], width(row.get(c)));
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : all) {
      StringBuilder line = new StringBuilder();
      for (int c = 0; c < widths.length; c++) {
        String space = " ".repeat(widths[c] - width(row.get(c)));
        line.append(c == 0 ? row.get(c) + space : "  " + space + row.get(c));
      }
      lines.add(line.toString().stripTrailing());
    }
    int total = Arrays.stream(widths).sum() + 2 * (widths.length - 1);
    lines.add(1, "─".repeat(total));
    return lines;
  }

  private static int width(String text) {
    return text.codePointCount(0, text.length());
  }

  /// A fraction as a percentage; `–` where it is unknown.
  public static String percent(double fraction) {
    return Double.isNaN(fraction) ? "–" : String.format(Locale.ROOT, "%.1f %%", 100 * fraction);
  }

  /// A number with the given digits; `–` where it is unknown.
  public static String number(double value, int digits) {
    return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  /// A cost in USD with three significant digits; `–` where it is unknown.
  public static String dollars(double cost) {
    return Double.isNaN(cost)
        ? "–"
        : "$"
            + new java.math.BigDecimal(cost)
                .round(new java.math.MathContext(3))
                .stripTrailingZeros()
                .toPlainString();
  }
}
