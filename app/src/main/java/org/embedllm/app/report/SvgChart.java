package org.embedllm.app.report;

/// Draws a [Chart] as SVG.
public final class SvgChart {
  static final double WIDE = 720;
  static final double NARROW = 358;

  private SvgChart() {}

  /// A separate drawing for a paper: light, 720 units wide, its style inside.
  ///
  /// @param title its content, for readers who do not see it
  public static String file(Chart chart, String title) {
    String style = "<style>" + ChartStyle.literal() + "</style>";
    String background = "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>";
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        + draw(chart, WIDE, title, style, background)
        + "\n";
  }

  /// A drawing that takes its style from the page around it.
  static String inline(Chart chart, double width, String title) {
    return draw(chart, width, title, "", "");
  }

  private static String draw(
      Chart chart, double width, String title, String style, String background) {
    SvgCanvas canvas = new SvgCanvas(width);
    double height =
        switch (chart) {
          case Chart.Plane plane -> PlaneDrawing.draw(plane, canvas);
          case Chart.PointMap map -> PointMapDrawing.draw(map, canvas);
          case Chart.Panels panels -> PanelsDrawing.draw(panels, canvas);
          case Chart.Dots dots -> DotsDrawing.draw(dots, canvas);
          case Chart.Bars bars -> BarsDrawing.draw(bars, canvas);
          case Chart.SignedMatrix matrix -> SignedMatrixDrawing.draw(matrix, canvas);
        };
    return canvas.finish(height, title, style, background);
  }
}
