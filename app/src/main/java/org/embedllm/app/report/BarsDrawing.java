package org.embedllm.app.report;

import java.util.stream.DoubleStream;

/// Draws bars from zero: filled to the right, hollow to the left.
final class BarsDrawing {
  private static final double STEP = 22;

  private BarsDrawing() {}

  /// @return the height of the drawing
  static double draw(Chart.Bars bars, SvgCanvas canvas) {
    double left = CategoryAxis.nameWidth(bars.categories(), canvas.width());
    double top = 8;
    double bottom = top + STEP * bars.categories().size();
    double[] values =
        bars.values().stream()
            .flatMapToDouble(e -> DoubleStream.of(0, e.value(), e.low(), e.high()))
            .toArray();
    AxisScale x = AxisScale.over(bars.value(), values, left, canvas.width() - 16);
    CategoryAxis.draw(canvas, bars.categories(), x, top, STEP, 80, false);
    canvas.text("", (x.start() + x.end()) / 2, bottom + 38, "middle", bars.value().title());
    for (int c = 0; c < bars.categories().size(); c++) {
      Chart.Estimate estimate = bars.values().get(c);
      if (Double.isFinite(estimate.value())) {
        bar(bars, canvas, x, c, top + STEP * c + 4);
      }
    }
    canvas.line("axis", x.at(0), top, x.at(0), bottom);
    return bottom + 48;
  }

  private static void bar(Chart.Bars bars, SvgCanvas canvas, AxisScale x, int category, double y) {
    Chart.Estimate estimate = bars.values().get(category);
    double from = Math.min(x.at(0), x.at(estimate.value()));
    double to = Math.max(x.at(0), x.at(estimate.value()));
    String tip =
        bars.categories().get(category)
            + "\n"
            + PlaneDrawing.estimate(bars.value().format(), estimate);
    canvas.box(estimate.value() < 0 ? "minus" : "plus", from, y, to - from, STEP - 8, tip);
    if (estimate.hasInterval()) {
      double middle = y + STEP / 2 - 4;
      canvas.whisker(5, x.at(estimate.low()), middle, x.at(estimate.high()), middle);
    }
  }
}
