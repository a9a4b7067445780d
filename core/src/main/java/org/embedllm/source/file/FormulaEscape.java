package org.embedllm.source.file;

import java.util.List;

/// Texts in CSV files that a spreadsheet would run as formulas: those that start with `=`, `+`,
/// `-`, `@`, a tab or a carriage return.
///
/// They are written with an apostrophe in front, and the file then has the column [#COLUMN]. A
/// reader that finds the column takes one apostrophe away, so texts come back as they were: a text
/// that had apostrophes before its `=` got one more. A file without the column is read as it is.
public final class FormulaEscape {
  /// Name of the column, whose cells hold [#MARK].
  public static final String COLUMN = "formula_escape";

  /// What escaped texts start with.
  public static final String MARK = "'";

  private static final String STARTS = "=+-@\t\r";

  private FormulaEscape() {}

  /// Whether a spreadsheet would run a text, or has apostrophes in front of one that it would run.
  public static boolean isNeeded(String text) {
    int at = 0;
    while (at < text.length() && text.charAt(at) == '\'') {
      at++;
    }
    return at < text.length() && STARTS.indexOf(text.charAt(at)) >= 0;
  }

  /// The text as it is written.
  public static String escaped(String text) {
    return isNeeded(text) ? MARK + text : text;
  }

  /// A text as it was, of a file with the column.
  public static String unescaped(String text) {
    return text.startsWith(MARK) && isNeeded(text) ? text.substring(1) : text;
  }

  static List<String> unescaped(List<String> texts) {
    return texts.stream().map(FormulaEscape::unescaped).toList();
  }
}
