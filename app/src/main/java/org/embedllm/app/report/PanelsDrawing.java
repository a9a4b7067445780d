package org.embedllm.app.report;

import java.util.function.Function;
import java.util.stream.DoubleStream;

/// Draws small planes side by side, as many in a row as fit.
final class PanelsDrawing {
  private static final double LEAST = 148;
  private static final double GAP = 14;

  private PanelsDrawing() {}

  /// @return the height of the drawing
  static double draw(Chart.Panels panels, SvgCanvas canvas) {
    double left = 24;
    int across = Math.max(1, (int) ((canvas.width() - left + GAP) / (LEAST + GAP)));
    double width = (canvas.width() - left - GAP * (across - 1)) / across;
    double height = width + 26;
    int count = panels.panels().size();
    for (int k = 0; k < count; k++) {
      SvgCanvas panel = new SvgCanvas(width);
      panel(panels, k, panel, height);
      double column = left + (width + GAP) * (k % across);
      canvas.shifted(column, (height + 8) * Math.floorDiv(k, across), panel);
    }
    double bottom = (height + 8) * Math.ceilDiv(count, across);
    if (count > 0) {
      Chart.Plane first = panels.panels().getFirst();
      canvas.text("", (left + canvas.width()) / 2, bottom + 12, "middle", first.x().title());
      canvas.upright("", 14, bottom / 2, "middle", first.y().title());
    }
    return bottom + 22;
  }

  /// All panels have the same scales, so that they can be compared.
  private static void panel(Chart.Panels panels, int k, SvgCanvas panel, double height) {
    Chart.Plane plane = panels.panels().get(k);
    double top = 22;
    double bottom = height - 22;
    double[] ys = values(panels, PlaneDrawing::yValues);
    double[] xs = values(panels, PlaneDrawing::xValues);
    double[] both = DoubleStream.concat(DoubleStream.of(xs), DoubleStream.of(ys)).toArray();
    AxisScale y = AxisScale.over(plane.y(), plane.diagonal() ? both : ys, bottom, top);
    double left = 8 + PlaneDrawing.tickWidth(y, 45);
    AxisScale x = AxisScale.over(plane.x(), plane.diagonal() ? both : xs, left, panel.width() - 4);
    String title = TextWidth.fit(panels.titles().get(k), 11, panel.width() - left);
    panel.text("small head", left, 13, "start", title);
    PlaneDrawing.axes(panel, x, y, 35, 35);
    PlaneDrawing.marks(plane, panel, x, y, 2.8);
  }

  private static double[] values(Chart.Panels panels, Function<Chart.Plane, double[]> of) {
    return panels.panels().stream().flatMapToDouble(p -> DoubleStream.of(of.apply(p))).toArray();
  }
}
