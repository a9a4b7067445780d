package org.embedllm.app.report;

import java.util.List;

/// Categories down the left side and a numeric axis along the bottom.
final class CategoryAxis {
  private static final double MOST = 0.42;

  private CategoryAxis() {}

  /// Space for the names on the left.
  static double nameWidth(List<String> categories, double width) {
    double widest =
        categories.stream().mapToDouble(n -> TextWidth.of(n, SvgCanvas.FONT)).max().orElse(0);
    return Math.min(widest, width * MOST) + 14;
  }

  /// Draws names, a faint line for each, and the numeric axis.
  ///
  /// @param between whether the lines are between the categories, not through them
  static void draw(
      SvgCanvas canvas,
      List<String> categories,
      AxisScale x,
      double top,
      double step,
      double spacing,
      boolean between) {
    double bottom = top + step * categories.size();
    for (AxisScale.Tick tick : x.ticks(spacing)) {
      canvas.line("grid", tick.at(), top, tick.at(), bottom);
      canvas.line("axis", tick.at(), bottom, tick.at(), bottom + 4);
      canvas.text("tick", tick.at(), bottom + 17, "middle", tick.label());
    }
    for (int c = 0; c < categories.size(); c++) {
      double middle = top + step * (c + 0.5);
      double line = between ? middle + step / 2 : middle;
      canvas.line(between ? "grid row" : "grid", between ? 0 : x.start(), line, x.end(), line);
      String name = TextWidth.fit(categories.get(c), SvgCanvas.FONT, x.start() - 12);
      canvas.text("", x.start() - 8, middle + 4, "end", name);
    }
    canvas.line("axis", x.start(), bottom, x.end(), bottom);
    canvas.line("axis", x.start(), top, x.start(), bottom);
  }
}
