package org.embedllm.app.report;

/// A chart with its finding and its numbers.
///
/// @param id short name of letters, digits and hyphens, unique on a page; names its files
/// @param title what is drawn
/// @param finding one computed sentence: the result on these data
/// @param caption how to read it: what marks, whiskers and lines are
/// @param table the numbers
public record Figure(
    String id, String title, String finding, String caption, Chart chart, Table table) {
  public Figure {
    if (!id.matches("[a-z0-9-]+")) {
      throw new IllegalArgumentException("a figure's id is of a-z, 0-9 and -; got " + id);
    }
  }

  /// The figure alone, for a paper.
  public String svg() {
    return SvgChart.file(chart, title);
  }
}
