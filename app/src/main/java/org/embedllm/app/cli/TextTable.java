package org.embedllm.app.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A text table: the first column left-aligned, the others right-aligned. Columns that do not fit
/// the terminal are left out; picocli's table has columns of given widths and breaks their cells
/// instead.
public final class TextTable {
  /// What is not known.
  public static final String UNKNOWN = "–";

  private static final int GAP = 2; // between columns
  private static final int SHORTEST_NAME = 12;

  private final List<String> header;
  private final List<List<String>> rows = new ArrayList<>();
  private final List<String> droppable = new ArrayList<>(); // the least important first

  public TextTable(String... header) {
    this.header = List.of(header);
  }

  /// @param cells as many as the header has
  public TextTable row(String... cells) {
    if (cells.length != header.size()) {
      throw new IllegalArgumentException(
          "a row of %d cells does not fit %d columns".formatted(cells.length, header.size()));
    }
    rows.add(Arrays.stream(cells).map(cell -> Terminal.shown(cell.replace("\n", "\\n"))).toList());
    return this;
  }

  /// Columns that are left out where there is no space, the first of them first. Without such, the
  /// last columns are.
  public TextTable dropFirst(String... columns) {
    droppable.addAll(List.of(columns));
    return this;
  }

  /// Prints as many columns as fit, and says which were left out. A column in which nothing is
  /// known is not worth a word.
  public void print(Console console) {
    List<Integer> columns = fitting(console.terminal().width());
    List<String> lines = lines(columns, console.terminal().width());
    console.line("%s", console.terminal().bold(lines.getFirst()));
    lines.stream().skip(1).forEach(line -> console.line("%s", line));
    if (columns.size() < known().size()) {
      console.line(
          "Left out to fit: %s. A wider terminal shows them, --json has all.",
          known().stream()
              .filter(c -> !columns.contains(c))
              .map(header::get)
              .collect(Collectors.joining(", ")));
    }
  }

  /// Whether all columns fit the terminal.
  public boolean fits(Console console) {
    return fitting(console.terminal().width()).size() == known().size();
  }

  /// All columns.
  List<String> lines() {
    return lines(IntStream.range(0, header.size()).boxed().toList(), Integer.MAX_VALUE);
  }

  /// The columns that fit, in order; the first is always among them.
  List<Integer> fitting(int width) {
    List<Integer> columns = new ArrayList<>(known());
    List<Integer> order =
        new ArrayList<>(droppable.stream().map(header::indexOf).filter(c -> c > 0).toList());
    for (int c = header.size() - 1; c > 0; c--) {
      if (!order.contains(c)) {
        order.add(c);
      }
    }
    for (int k = 0; k < order.size() - 1 && total(columns) > width; k++) {
      columns.removeIf(order.get(k)::equals);
    }
    return columns;
  }

  /// The first column, and those in which some cell is known.
  private List<Integer> known() {
    return IntStream.range(0, header.size())
        .filter(c ->
            c == 0 || rows.isEmpty() || rows.stream().anyMatch(row -> !row.get(c).equals(UNKNOWN)))
        .boxed()
        .toList();
  }

  private int total(List<Integer> columns) {
    return columns.stream().mapToInt(this::width).sum() + GAP * (columns.size() - 1);
  }

  private int width(int column) {
    return Math.max(
        Terminal.columns(header.get(column)),
        rows.stream().mapToInt(row -> Terminal.columns(row.get(column))).max().orElse(0));
  }

  private List<String> lines(List<Integer> columns, int width) {
    int others = total(columns) - width(0);
    int first = Math.min(width(0), Math.max(width - others, SHORTEST_NAME));
    List<String> lines = new ArrayList<>();
    List<List<String>> all = new ArrayList<>(rows);
    all.addFirst(header);
    for (List<String> row : all) {
      StringBuilder line = new StringBuilder();
      for (int c : columns) {
        String cell = c == 0 ? shortened(row.get(c), first) : row.get(c);
        String space = " ".repeat((c == 0 ? first : width(c)) - Terminal.columns(cell));
        line.append(c == 0 ? cell + space : "  " + space + cell);
      }
      lines.add(line.toString().stripTrailing());
    }
    lines.add(1, "─".repeat(first + others));
    return lines;
  }

  /// A name that is too long, with its middle left out: beginning and end tell it from others.
  public static String shortened(String name, int width) {
    int length = name.codePointCount(0, name.length());
    if (Terminal.columns(name) <= width) {
      return name;
    }
    int tail = (width - 1) / 2;
    return name.substring(0, name.offsetByCodePoints(0, width - 1 - tail))
        + "…"
        + name.substring(name.offsetByCodePoints(0, length - tail));
  }

  /// Loads what the first number that is formatted needs.
  public static void prepare() {
    count(1000);
  }

  /// A count with separators of thousands.
  public static String count(int n) {
    return String.format(Locale.ROOT, "%,d", n);
  }

  /// A fraction as a percentage; `–` where it is unknown.
  public static String percent(double fraction) {
    return Double.isNaN(fraction) ? UNKNOWN : String.format(Locale.ROOT, "%.1f %%", 100 * fraction);
  }

  /// The ends of an interval of fractions as percentages; `–` where they are unknown.
  public static String percentRange(double low, double high) {
    return Double.isNaN(low) || Double.isNaN(high)
        ? UNKNOWN
        : String.format(Locale.ROOT, "%.1f to %.1f", 100 * low, 100 * high);
  }

  /// A number with the given digits; `–` where it is unknown.
  public static String number(double value, int digits) {
    return Double.isNaN(value) ? UNKNOWN : String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  /// A cost in USD with three significant digits; `–` where it is unknown.
  public static String dollars(double cost) {
    return Double.isNaN(cost)
        ? UNKNOWN
        : "$"
            + new java.math.BigDecimal(cost)
                .round(new java.math.MathContext(3))
                .stripTrailingZeros()
                .toPlainString();
  }
}
