package org.embedllm.app.report;

import java.util.List;

/// Draws a map of labeled points. Both axes have the same scale.
final class PointMapDrawing {
  private static final double SHAPE_MIN = 0.45;
  private static final double SHAPE_MAX = 0.95;

  private PointMapDrawing() {}

  /// @return the height of the drawing
  static double draw(Chart.PointMap map, SvgCanvas canvas) {
    Chart.Plane plane = plane(map);
    double width = canvas.width();
    List<String> names = map.groups().stream().map(Chart.Group::name).toList();
    double top = canvas.legendHeight(names, 8, width - 8) + 8;
    canvas.legend(names, 8, width - 8, names.stream().map(_ -> false).toList());
    double left = 56;
    double right = width - 16;
    Frame frame = Frame.around(plane, left, top, right);
    AxisScale x = frame.x();
    AxisScale y = frame.y();
    double bottom = y.start();
    PlaneDrawing.axes(canvas, x, y, 80, 60);
    canvas.text("", (left + right) / 2, bottom + 38, "middle", map.x().title());
    canvas.upright("", 14, (top + bottom) / 2, "middle", map.y().title());
    labels(map, new PointLabels(canvas, left + 2, top, right + 14, bottom - 2), x, y);
    for (int g = 0; g < map.groups().size(); g++) {
      for (Chart.Spot spot : map.groups().get(g).spots()) {
        String tip = PlaneDrawing.tip(plane, plane.series().get(g), point(spot));
        canvas.mark(g, x.at(spot.x()), y.at(spot.y()), spot.radius(), tip);
      }
    }
    return bottom + 48;
  }

  /// The same points without their sizes.
  private static Chart.Plane plane(Chart.PointMap map) {
    return new Chart.Plane(
        map.x(),
        map.y(),
        map.groups().stream()
            .map(group ->
                new Chart.Series(
                    group.name(),
                    group.spots().stream().map(PointMapDrawing::point).toList(),
                    false))
            .toList(),
        false);
  }

  private static Chart.Point point(Chart.Spot spot) {
    return new Chart.Point(spot.x(), Chart.Estimate.of(spot.y()), spot.label());
  }

  /// Scales of one length per unit that hold all points.
  private record Frame(AxisScale x, AxisScale y) {
    static Frame around(Chart.Plane plane, double left, double top, double right) {
      double width = right - left;
      AxisScale wide = AxisScale.over(plane.x(), PlaneDrawing.xValues(plane), 0, 1);
      AxisScale high = AxisScale.over(plane.y(), PlaneDrawing.yValues(plane), 0, 1);
      double spanX = wide.high() - wide.low();
      double spanY = high.high() - high.low();
      double height = Math.clamp(width * spanY / spanX, SHAPE_MIN * width, SHAPE_MAX * width);
      double unit = Math.min(width / spanX, height / spanY);
      double spareX = (width / unit - spanX) / 2;
      double spareY = (height / unit - spanY) / 2;
      return new Frame(
          new AxisScale(plane.x(), wide.low() - spareX, wide.high() + spareX, left, right),
          new AxisScale(plane.y(), high.low() - spareY, high.high() + spareY, top + height, top));
    }
  }

  private static void labels(Chart.PointMap map, PointLabels labels, AxisScale x, AxisScale y) {
    List<Chart.Spot> spots = map.groups().stream().flatMap(g -> g.spots().stream()).toList();
    spots.forEach(spot -> labels.mark(x.at(spot.x()), y.at(spot.y()), spot.radius()));
    spots.forEach(
        spot -> labels.label(spot.label(), x.at(spot.x()), y.at(spot.y()), spot.radius()));
  }
}
