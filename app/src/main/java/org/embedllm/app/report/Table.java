package org.embedllm.app.report;

import java.util.List;
import org.embedllm.source.file.FormulaEscape;

/// Named columns and rows of cells.
///
/// @param columns the columns
/// @param rows as many cells each as there are columns
public record Table(List<Column> columns, List<List<Cell>> rows) {
  public Table {
    columns = List.copyOf(columns);
    rows = rows.stream().map(List::copyOf).toList();
    for (List<Cell> row : rows) {
      if (row.size() != columns.size()) {
        throw new IllegalArgumentException(
            "a row of %d cells in a table of %d columns".formatted(row.size(), columns.size()));
      }
    }
  }

  /// A column.
  ///
  /// @param key its name in a file
  /// @param title its heading on a page
  public record Column(String key, String title) {}

  /// RFC 4180, with a heading line; numbers in full, empty where not known. Texts that a
  /// spreadsheet would run as formulas have an apostrophe in front; the JSON beside the file has
  /// them raw.
  public String csv() {
    StringBuilder text = new StringBuilder();
    text.append(String.join(",", columns.stream().map(c -> quoted(c.key())).toList())).append('\n');
    for (List<Cell> row : rows) {
      text.append(String.join(",", row.stream().map(Table::inFile).toList())).append('\n');
    }
    return text.toString();
  }

  private static String inFile(Cell cell) {
    return switch (cell) {
      case Cell.Text words -> quoted(FormulaEscape.escaped(words.text()));
      case Cell.Value number -> inFull(number.value());
    };
  }

  private static String inFull(double value) {
    if (!Double.isFinite(value)) {
      return "";
    }
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  private static String quoted(String text) {
    boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? text : "\"" + text.replace("\"", "\"\"") + "\"";
  }

  /// A table of a page. A number and the ends of its interval, in the columns `KEY_low` and
  /// `KEY_high` behind it, share a cell.
  void html(Markup out) {
    // Keys scroll what has the focus.
    out.raw("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Table\">");
    out.raw("<table><thead><tr>");
    for (int k = 0; k < columns.size(); k = next(k)) {
      boolean numeric = !rows.isEmpty() && rows.getFirst().get(k) instanceof Cell.Value;
      out.add("<th scope=\"col\" class=\"%s\">", numeric ? "n" : "t");
      out.add("%s</th>", columns.get(k).title());
    }
    out.raw("</tr></thead><tbody>\n");
    for (List<Cell> row : rows) {
      out.raw("<tr>");
      for (int k = 0; k < columns.size(); k = next(k)) {
        cell(row.get(k), next(k) > k + 1 ? row.subList(k + 1, k + 3) : List.of(), out);
      }
      out.raw("</tr>\n");
    }
    out.raw("</tbody></table></div>");
  }

  /// The column behind one and its interval.
  private int next(int column) {
    String key = columns.get(column).key();
    boolean interval =
        column + 2 < columns.size()
            && isEndOf(key, columns.get(column + 1).key(), "_low")
            && isEndOf(key, columns.get(column + 2).key(), "_high");
    return column + (interval ? 3 : 1);
  }

  /// The value's key may be longer than its ends': `knn_accuracy` goes with `knn_low`.
  private static boolean isEndOf(String key, String candidate, String ending) {
    return candidate.endsWith(ending)
        && key.startsWith(candidate.substring(0, candidate.length() - ending.length()));
  }

  private static void cell(Cell cell, List<Cell> interval, Markup out) {
    switch (cell) {
      case Cell.Text words -> out.add("<td>%s</td>", words.text());
      case Cell.Value number -> {
        String shown = number.format().show(number.value());
        out.add("<td class=\"n\" data-v=\"%s\">%s", inFull(number.value()), shown);
        String ends = ends(interval);
        if (!ends.isEmpty()) {
          out.add(" <span class=\"i\">%s</span>", ends);
        }
        out.raw("</td>");
      }
    }
  }

  private static String ends(List<Cell> interval) {
    return interval.size() == 2
            && interval.getFirst() instanceof Cell.Value low
            && interval.getLast() instanceof Cell.Value high
            && Double.isFinite(low.value())
            && Double.isFinite(high.value())
        ? low.format().show(low.value()).replace(" %", "")
            + " to "
            + high.format().show(high.value()).replace(" %", "")
        : "";
  }
}
