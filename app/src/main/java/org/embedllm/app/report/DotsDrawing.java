package org.embedllm.app.report;

import java.util.List;
import java.util.stream.DoubleStream;

/// Draws a dot plot.
final class DotsDrawing {
  private static final double MARK = 3.8;
  private static final double SPACING = 70;

  private DotsDrawing() {}

  /// @return the height of the drawing
  static double draw(Chart.Dots dots, SvgCanvas canvas) {
    double width = canvas.width();
    List<String> names = dots.series().stream().map(Chart.Row::name).toList();
    double legend = canvas.legendHeight(names, 8, width - 8);
    double left = CategoryAxis.nameWidth(dots.categories(), width);
    double notes =
        dots.notes().stream().mapToDouble(note -> TextWidth.of(note, 11)).max().orElse(-6) + 10;
    double top = legend + 6;
    double step = dots.joined() ? 22 : Math.max(20, 8.0 * names.size() + 12);
    double bottom = top + step * dots.categories().size();
    AxisScale x = AxisScale.over(dots.value(), values(dots), left, width - 12 - notes);
    canvas.legend(names, 8, width - 8, names.stream().map(name -> false).toList());
    CategoryAxis.draw(
        canvas, dots.categories(), x, top, step, SPACING, names.size() > 1 && !dots.joined());
    canvas.text("", (x.start() + x.end()) / 2, bottom + 38, "middle", dots.value().title());
    for (int c = 0; c < dots.categories().size(); c++) {
      double middle = top + step * (c + 0.5);
      if (dots.joined()) {
        join(dots, canvas, x, c, middle);
      }
      for (int s = 0; s < names.size(); s++) {
        mark(dots, canvas, x, c, s, middle);
      }
      if (c < dots.notes().size()) {
        canvas.text("tick", width - 4, middle + 4, "end", dots.notes().get(c));
      }
    }
    return bottom + 48;
  }

  private static void mark(
      Chart.Dots dots, SvgCanvas canvas, AxisScale x, int category, int series, double middle) {
    Chart.Row row = dots.series().get(series);
    Chart.Estimate estimate = row.values().get(category);
    if (!Double.isFinite(estimate.value())) {
      return;
    }
    double shift = dots.joined() ? 0 : (series - (dots.series().size() - 1) / 2.0) * 8;
    if (estimate.hasInterval()) {
      double y = middle + shift;
      canvas.whisker(series, x.at(estimate.low()), y, x.at(estimate.high()), y);
    }
    String tip =
        dots.categories().get(category)
            + (row.name().isEmpty() ? "" : "\n" + row.name())
            + "\n"
            + PlaneDrawing.estimate(dots.value().format(), estimate);
    canvas.mark(series, x.at(estimate.value()), middle + shift, MARK, tip);
  }

  private static void join(
      Chart.Dots dots, SvgCanvas canvas, AxisScale x, int category, double middle) {
    double[] at =
        dots.series().stream()
            .mapToDouble(row -> row.values().get(category).value())
            .filter(Double::isFinite)
            .map(x::at)
            .sorted()
            .toArray();
    if (at.length > 1) {
      canvas.line("join", at[0], middle, at[at.length - 1], middle);
    }
  }

  private static double[] values(Chart.Dots dots) {
    return dots.series().stream()
        .flatMap(row -> row.values().stream())
        .flatMapToDouble(e -> DoubleStream.of(e.value(), e.low(), e.high()))
        .toArray();
  }
}
