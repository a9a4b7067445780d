package org.embedllm.app.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.DoubleStream;

/// Draws lines and points over two numeric axes.
final class PlaneDrawing {
  private static final double X_SPACING = 80;
  private static final double Y_SPACING = 48;
  private static final double MARK = 3.6;

  private PlaneDrawing() {}

  /// @return the height of the drawing
  static double draw(Chart.Plane plane, SvgCanvas canvas) {
    double width = canvas.width();
    double plotHeight = width > 500 ? 300 : 250;
    List<String> names = plane.series().stream().map(Chart.Series::name).toList();
    double legend = canvas.legendHeight(names, 8, width - 8);
    double top = legend + 8;
    double bottom = top + plotHeight;
    AxisScale y = AxisScale.over(plane.y(), yValues(plane), bottom, top);
    double left = 34 + tickWidth(y, Y_SPACING);
    AxisScale x = AxisScale.over(plane.x(), xValues(plane), left, width - 16);
    canvas.legend(names, 8, width - 8, plane.series().stream().map(Chart.Series::joined).toList());
    axes(canvas, x, y, X_SPACING, Y_SPACING);
    canvas.text("", (x.start() + x.end()) / 2, bottom + 38, "middle", plane.x().title());
    canvas.upright("", 14, (top + bottom) / 2, "middle", plane.y().title());
    labels(plane, new PointLabels(canvas, left + 2, top, width - 2, bottom - 2), x, y);
    marks(plane, canvas, x, y, MARK);
    return bottom + 48;
  }

  static double tickWidth(AxisScale scale, double spacing) {
    return scale.ticks(spacing).stream()
        .mapToDouble(tick -> TextWidth.of(tick.label(), 11))
        .max()
        .orElse(0);
  }

  static double[] yValues(Chart.Plane plane) {
    return plane.series().stream()
        .flatMap(series -> series.points().stream())
        .flatMapToDouble(p -> DoubleStream.of(p.y().value(), p.y().low(), p.y().high()))
        .toArray();
  }

  static double[] xValues(Chart.Plane plane) {
    return plane.series().stream()
        .flatMap(series -> series.points().stream())
        .mapToDouble(Chart.Point::x)
        .toArray();
  }

  static void axes(SvgCanvas canvas, AxisScale x, AxisScale y, double xStep, double yStep) {
    for (AxisScale.Tick tick : y.ticks(yStep)) {
      canvas.line("grid", x.start(), tick.at(), x.end(), tick.at());
      canvas.line("axis", x.start() - 4, tick.at(), x.start(), tick.at());
      canvas.text("tick", x.start() - 7, tick.at() + 4, "end", tick.label());
    }
    for (AxisScale.Tick tick : x.ticks(xStep)) {
      canvas.line("axis", tick.at(), y.start(), tick.at(), y.start() + 4);
      canvas.text("tick", tick.at(), y.start() + 17, "middle", tick.label());
    }
    canvas.line("axis", x.start(), y.start(), x.end(), y.start());
    canvas.line("axis", x.start(), y.start(), x.start(), y.end());
  }

  static void marks(Chart.Plane plane, SvgCanvas canvas, AxisScale x, AxisScale y, double size) {
    if (plane.diagonal()) {
      diagonal(canvas, x, y);
    }
    for (int s = 0; s < plane.series().size(); s++) {
      Chart.Series series = plane.series().get(s);
      List<double[]> path = new ArrayList<>();
      for (Chart.Point point : series.points()) {
        path.add(new double[] {x.at(point.x()), y.at(point.y().value())});
      }
      if (series.joined() && path.size() > 1) {
        canvas.path(s, path);
      }
      double shift = shift(plane, s);
      for (Chart.Point point : series.points()) {
        double at = x.at(point.x()) + (point.y().hasInterval() ? shift : 0);
        if (point.y().hasInterval()) {
          canvas.whisker(s, at, y.at(point.y().low()), at, y.at(point.y().high()));
        }
        canvas.mark(s, at, y.at(point.y().value()), size, tip(plane, series, point));
      }
    }
  }

  /// The names of points, clear of all marks.
  private static void labels(Chart.Plane plane, PointLabels labels, AxisScale x, AxisScale y) {
    for (Chart.Series series : plane.series()) {
      series.points().forEach(p -> labels.mark(x.at(p.x()), y.at(p.y().value()), MARK));
    }
    plane.series().stream()
        .filter(Chart.Series::labeled)
        .flatMap(series -> series.points().stream())
        .sorted(Comparator.comparingDouble((Chart.Point p) -> p.y().value()).reversed())
        .forEach(p -> labels.label(p.label(), x.at(p.x()), y.at(p.y().value()), MARK));
  }

  /// Whiskers of several series at one position are drawn side by side.
  private static double shift(Chart.Plane plane, int series) {
    return (series - (plane.series().size() - 1) / 2.0) * 4;
  }

  private static void diagonal(SvgCanvas canvas, AxisScale x, AxisScale y) {
    double factor = x.axis().format().onAxis(1);
    double low = Math.max(x.low(), y.low()) / factor;
    double high = Math.min(x.high(), y.high()) / factor;
    if (low < high) {
      canvas.line("aid", x.at(low), y.at(low), x.at(high), y.at(high));
    }
  }

  static String tip(Chart.Plane plane, Chart.Series series, Chart.Point point) {
    StringBuilder text = new StringBuilder();
    if (!series.name().isEmpty()) {
      text.append(series.name()).append('\n');
    }
    if (!point.label().isEmpty()) {
      text.append(point.label()).append('\n');
    }
    text.append(plane.x().title()).append(": ").append(plane.x().format().show(point.x()));
    text.append('\n').append(plane.y().title()).append(": ");
    return text.append(estimate(plane.y().format(), point.y())).toString();
  }

  static String estimate(ValueFormat format, Chart.Estimate estimate) {
    String value = format.show(estimate.value());
    return estimate.hasInterval()
        ? value + " (" + format.show(estimate.low()) + " to " + format.show(estimate.high()) + ")"
        : value;
  }
}
