package org.embedllm.app.report;

import java.util.List;

/// Draws a matrix of signed numbers as squares.
final class SignedMatrixDrawing {
  private SignedMatrixDrawing() {}

  /// @return the height of the drawing
  static double draw(Chart.SignedMatrix matrix, SvgCanvas canvas) {
    double width = canvas.width();
    double font = width > 500 ? 12 : 10;
    double names =
        Math.min(
            width * 0.3,
            matrix.rows().stream().mapToDouble(n -> TextWidth.of(n, font)).max().orElse(0));
    double left = names + 30;
    double cell = Math.clamp((width - left - 8) / Math.max(1, matrix.columns().size()), 8, 46);
    double heads =
        Math.min(
            110, matrix.columns().stream().mapToDouble(n -> TextWidth.of(n, font)).max().orElse(0));
    double top = heads + 30;
    double right = left + cell * matrix.columns().size();
    double bottom = top + cell * matrix.rows().size();
    String small = font < SvgCanvas.FONT ? "tick" : "";
    canvas.text("", (left + right) / 2, 14, "middle", matrix.columnTitle());
    canvas.upright("", 14, (top + bottom) / 2, "middle", matrix.rowTitle());
    for (int j = 0; j <= matrix.columns().size(); j++) {
      canvas.line("grid", left + cell * j, top, left + cell * j, bottom);
    }
    for (int i = 0; i <= matrix.rows().size(); i++) {
      canvas.line("grid", left, top + cell * i, right, top + cell * i);
    }
    for (int j = 0; j < matrix.columns().size(); j++) {
      String name = TextWidth.fit(matrix.columns().get(j), font, 110);
      canvas.upright(small, left + cell * (j + 0.5) + 4, top - 6, "start", name);
    }
    for (int i = 0; i < matrix.rows().size(); i++) {
      String name = TextWidth.fit(matrix.rows().get(i), font, names + 2);
      canvas.text(small, left - 6, top + cell * (i + 0.5) + 4, "end", name);
    }
    squares(matrix, canvas, left, top, cell);
    double largest = largest(matrix);
    String key = "filled: above 0; hollow: below 0; full square: ±" + matrix.format().show(largest);
    canvas.text("tick", left, bottom + 18, "start", TextWidth.fit(key, 11, width - left));
    return bottom + 26;
  }

  private static double largest(Chart.SignedMatrix matrix) {
    return matrix.entries().stream()
        .flatMap(List::stream)
        .filter(Double::isFinite)
        .mapToDouble(Math::abs)
        .max()
        .orElse(0);
  }

  private static void squares(
      Chart.SignedMatrix matrix, SvgCanvas canvas, double left, double top, double cell) {
    double largest = largest(matrix);
    for (int i = 0; i < matrix.rows().size(); i++) {
      for (int j = 0; j < matrix.columns().size(); j++) {
        double value = matrix.entries().get(i).get(j);
        if (Double.isFinite(value) && value != 0 && largest > 0) {
          double side = Math.max(1.5, (cell - 3) * Math.sqrt(Math.abs(value) / largest));
          double x = left + cell * (j + 0.5) - side / 2;
          double y = top + cell * (i + 0.5) - side / 2;
          String tip =
              matrix.rows().get(i)
                  + " → "
                  + matrix.columns().get(j)
                  + "\n"
                  + matrix.value()
                  + ": "
                  + matrix.format().show(value);
          canvas.box(value < 0 ? "minus" : "plus", x, y, side, side, tip);
        }
      }
    }
  }
}
