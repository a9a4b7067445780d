package org.embedllm.app.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Draws a map of labelled points. Both axes have the same scale.
final class PointMapDrawing {
  private static final double MARK = 4.2;
  private static final double LABEL = 11;
  private static final double GAP = 7;
  private static final double SHAPE_MIN = 0.45;
  private static final double SHAPE_MAX = 0.95;

  private PointMapDrawing() {}

  /// A rectangle that a mark or a label covers.
  private record Taken(double left, double top, double right, double bottom) {
    boolean overlaps(Taken other) {
      return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
    }

    boolean within(Taken frame) {
      return left >= frame.left
          && right <= frame.right
          && top >= frame.top
          && bottom <= frame.bottom;
    }
  }

  /// @return the height of the drawing
  static double draw(Chart.PointMap map, SvgCanvas canvas) {
    Chart.Plane plane = new Chart.Plane(map.x(), map.y(), map.series(), false);
    double width = canvas.width();
    List<String> names = map.series().stream().map(Chart.Series::name).toList();
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
    labels(plane, canvas, x, y, new Taken(left + 2, top, right + 14, bottom - 2));
    PlaneDrawing.marks(plane, canvas, x, y, MARK);
    return bottom + 48;
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
      double roomX = (width / unit - spanX) / 2;
      double roomY = (height / unit - spanY) / 2;
      return new Frame(
          new AxisScale(plane.x(), wide.low() - roomX, wide.high() + roomX, left, right),
          new AxisScale(plane.y(), high.low() - roomY, high.high() + roomY, top + height, top));
    }
  }

  private static void labels(
      Chart.Plane plane, SvgCanvas canvas, AxisScale x, AxisScale y, Taken frame) {
    List<Taken> taken = new ArrayList<>();
    for (Chart.Series series : plane.series()) {
      for (Chart.Point point : series.points()) {
        double px = x.at(point.x());
        double py = y.at(point.y().value());
        taken.add(new Taken(px - MARK, py - MARK, px + MARK, py + MARK));
      }
    }
    for (Chart.Series series : plane.series()) {
      for (Chart.Point point : series.points()) {
        place(point.label(), x.at(point.x()), y.at(point.y().value()), taken, frame)
            .ifPresent(spot -> {
              taken.add(spot);
              canvas.text("small", spot.left(), spot.bottom() - 2.5, "start", point.label());
            });
      }
    }
  }

  /// The first free spot beside a point: right, left, above, below, then the corners.
  private static Optional<Taken> place(
      String label, double px, double py, List<Taken> taken, Taken frame) {
    double w = TextWidth.of(label, LABEL);
    double h = LABEL;
    double[][] spots = {
      {px + GAP, py - h / 2},
      {px - GAP - w, py - h / 2},
      {px - w / 2, py - GAP - h},
      {px - w / 2, py + GAP},
      {px + GAP - 2, py - GAP - h + 3},
      {px + GAP - 2, py + GAP - 3},
      {px - GAP + 2 - w, py - GAP - h + 3},
      {px - GAP + 2 - w, py + GAP - 3}
    };
    for (double[] spot : spots) {
      Taken box = new Taken(spot[0], spot[1], spot[0] + w, spot[1] + h);
      if (box.within(frame) && taken.stream().noneMatch(box::overlaps)) {
        return Optional.of(box);
      }
    }
    return Optional.empty();
  }
}
