package org.embedllm.app.report;

import java.util.List;

/// A builder of a drawing: marks, lines, labels and a legend in one style. [ChartStyle] has the
/// colors; shapes and dashes are here, one of each for every series.
final class SvgCanvas {
  static final double FONT = 12;
  private static final double KEY = 26; // width of a legend's sample
  private static final double LEGEND_LINE = 18;
  private static final List<String> DASHES = List.of("", "6 3", "2 3", "9 3 2 3", "4 2", "1 4");

  private final Markup out = new Markup();
  private final double width;
  private boolean keys;

  SvgCanvas(double width) {
    this.width = width;
  }

  double width() {
    return width;
  }

  SvgCanvas line(String kind, double x1, double y1, double x2, double y2) {
    out.add("<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>", kind, x1, y1, x2, y2);
    return this;
  }

  /// @param anchor `start`, `middle` or `end`
  SvgCanvas text(String kind, double x, double y, String anchor, String label) {
    out.add(
        "<text class=\"%s\" x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>",
        kind, x, y, anchor, label);
    return this;
  }

  /// Text that reads upwards.
  SvgCanvas upright(String kind, double x, double y, String anchor, String label) {
    out.add(
        "<text class=\"%s\" transform=\"translate(%s %s) rotate(-90)\" text-anchor=\"%s\">%s</text>",
        kind, x, y, anchor, label);
    return this;
  }

  /// A group whose parts are moved by (x, y).
  SvgCanvas shifted(double x, double y, SvgCanvas inner) {
    out.add("<g transform=\"translate(%s %s)\">", x, y).raw(inner.out.toString()).raw("</g>");
    return this;
  }

  SvgCanvas path(int series, List<double[]> points) {
    Markup d = new Markup();
    for (int k = 0; k < points.size(); k++) {
      d.add(k == 0 ? "M%s %s" : "L%s %s", points.get(k)[0], points.get(k)[1]);
    }
    out.add(
        "<path class=\"l %s\" data-s=\"%s\" d=\"%s\" stroke-dasharray=\"%s\"/>",
        color(series), series, d, DASHES.get(series % DASHES.size()));
    return this;
  }

  /// A mark with its text under the pointer.
  SvgCanvas mark(int series, double x, double y, double size, String tip) {
    out.add("<g class=\"m %s\" data-s=\"%s\"><title>%s</title>", color(series), series, tip);
    shape(series, x, y, size);
    out.raw("</g>");
    return this;
  }

  SvgCanvas whisker(int series, double x1, double y1, double x2, double y2) {
    boolean level = y1 == y2;
    double cap = 2.5;
    out.add("<g class=\"w %s\" data-s=\"%s\">", color(series), series);
    out.add("<path d=\"M%s %sL%s %s\"/>", x1, y1, x2, y2);
    if (level) {
      out.add("<path d=\"M%s %sV%s\"/>", x1, y1 - cap, y1 + cap);
      out.add("<path d=\"M%s %sV%s\"/>", x2, y2 - cap, y2 + cap);
    } else {
      out.add("<path d=\"M%s %sH%s\"/>", x1 - cap, y1, x1 + cap);
      out.add("<path d=\"M%s %sH%s\"/>", x2 - cap, y2, x2 + cap);
    }
    out.raw("</g>");
    return this;
  }

  SvgCanvas box(String kind, double x, double y, double w, double h, String tip) {
    out.add("<g class=\"m %s\"><title>%s</title>", kind, tip);
    out.add("<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"/></g>", x, y, w, h);
    return this;
  }

  /// The outlines of the page's map, of equal area, in its order (`charts/shapes.js`).
  private void shape(int series, double x, double y, double size) {
    double s = size;
    switch (series % 7) {
      case 0 -> out.add("<circle class=\"f\" cx=\"%s\" cy=\"%s\" r=\"%s\"/>", x, y, s);
      case 1 -> polygon(x, y, s, -0.886, -0.886, 0.886, -0.886, 0.886, 0.886, -0.886, 0.886);
      case 2 -> polygon(x, y, s, 0, -1.42, 1.28, 0.8, -1.28, 0.8);
      case 3 -> polygon(x, y, s, 0, -1.253, 1.253, 0, 0, 1.253, -1.253, 0);
      case 4 -> polygon(x, y, s, 0, 1.42, 1.28, -0.8, -1.28, -0.8);
      case 5 ->
          polygon(x, y, s, 1.1, 0, 0.55, 0.953, -0.55, 0.953, -1.1, 0, -0.55, -0.953, 0.55, -0.953);
      default ->
          polygon(
              x, y, s, -0.42, -1.2, 0.42, -1.2, 0.42, -0.42, 1.2, -0.42, 1.2, 0.42, 0.42, 0.42,
              0.42, 1.2, -0.42, 1.2, -0.42, 0.42, -1.2, 0.42, -1.2, -0.42, -0.42, -0.42);
    }
  }

  private void polygon(double x, double y, double size, double... corners) {
    Markup points = new Markup();
    for (int k = 0; k < corners.length; k += 2) {
      points.add("%s,%s ", x + size * corners[k], y + size * corners[k + 1]);
    }
    out.add("<polygon class=\"f\" points=\"%s\"/>", points);
  }

  private static String color(int series) {
    return "s" + Math.min(series, ChartStyle.COLORS);
  }

  /// Height of a legend of these series; 0 for a single one without a name.
  double legendHeight(List<String> names, double left, double right) {
    return legend(names, left, right, List.of(), false);
  }

  /// Draws the legend from the top.
  void legend(List<String> names, double left, double right, List<Boolean> joined) {
    legend(names, left, right, joined, true);
  }

  private double legend(
      List<String> names, double left, double right, List<Boolean> joined, boolean draw) {
    if (names.isEmpty() || (names.size() == 1 && names.getFirst().isEmpty())) {
      return 0;
    }
    double x = left;
    double y = LEGEND_LINE / 2 + 2;
    for (int s = 0; s < names.size(); s++) {
      double needed = KEY + TextWidth.of(names.get(s), FONT) + 18;
      if (x > left && x + needed > right) {
        x = left;
        y += LEGEND_LINE;
      }
      if (draw) {
        keys = true;
        out.add("<g class=\"k\" data-s=\"%s\" tabindex=\"0\" role=\"button\">", s);
        if (joined.get(s)) {
          path(s, List.of(new double[] {x, y}, new double[] {x + 20, y}));
        }
        out.add("<g class=\"%s\">", color(s));
        shape(s, x + 10, y, 4);
        out.raw("</g>");
        text("", x + KEY, y + 4, "start", names.get(s));
        out.raw("</g>");
      }
      x += needed;
    }
    return y + LEGEND_LINE / 2 + 6;
  }

  /// The whole drawing: an image, or a group where its legend has keys to press.
  String finish(double height, String title, String head, String background) {
    return new Markup()
        .add(
            "<svg class=\"chart\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %s %s\" "
                + "width=\"%s\" height=\"%s\" role=\"%s\" aria-label=\"%s\">",
            width, height, width, height, keys ? "group" : "img", title)
        .raw(head)
        .raw(background)
        .raw(out.toString())
        .raw("</svg>")
        .toString();
  }
}
