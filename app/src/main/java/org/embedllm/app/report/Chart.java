package org.embedllm.app.report;

import java.util.List;

/// The chart of a figure. Series differ by marks and dashes as well as by color, so every chart is
/// readable without color.
public sealed interface Chart {
  /// A number with its interval; `low` and `high` are NaN where there is none.
  record Estimate(double value, double low, double high) {
    /// A number without an interval.
    public static Estimate of(double value) {
      return new Estimate(value, Double.NaN, Double.NaN);
    }

    boolean hasInterval() {
      return Double.isFinite(low) && Double.isFinite(high);
    }
  }

  /// A point of a line or of a scatter.
  ///
  /// @param label its meaning, shown under the pointer; may be empty
  record Point(double x, Estimate y, String label) {}

  /// Points that belong together.
  ///
  /// @param joined whether a line runs through them in their order
  /// @param labeled whether each point has its label beside it, where there is space
  record Series(String name, List<Point> points, boolean joined, boolean labeled) {
    public Series {
      points = List.copyOf(points);
    }

    public Series(String name, List<Point> points, boolean joined) {
      this(name, points, joined, false);
    }
  }

  /// Lines and points over two numeric axes.
  ///
  /// @param diagonal whether the line y = x is drawn
  record Plane(Axis x, Axis y, List<Series> series, boolean diagonal) implements Chart {
    public Plane {
      series = List.copyOf(series);
    }
  }

  /// Several small [Plane]s with the same axes, each with its own title.
  record Panels(List<String> titles, List<Plane> panels) implements Chart {
    public Panels {
      titles = List.copyOf(titles);
      panels = List.copyOf(panels);
      if (titles.size() != panels.size()) {
        throw new IllegalArgumentException("one title for each panel");
      }
    }
  }

  /// A point of a map.
  ///
  /// @param radius of its mark, in pixels
  record Spot(double x, double y, double radius, String label) {}

  /// Points of a map that belong together.
  record Group(String name, List<Spot> spots) {
    public Group {
      spots = List.copyOf(spots);
    }
  }

  /// A map: points whose two axes have one scale, so distances can be compared, each with its label
  /// where there is space. Labels are placed in the order of the points; one that would cover
  /// another is shown under the pointer only.
  record PointMap(Axis x, Axis y, List<Group> groups) implements Chart {
    public PointMap {
      groups = List.copyOf(groups);
    }
  }

  /// A row for each category and a mark for each series in it.
  ///
  /// @param values one estimate for each category, in their order
  record Row(String name, List<Estimate> values) {
    public Row {
      values = List.copyOf(values);
    }
  }

  /// A dot plot: categories down the side, values along the bottom.
  ///
  /// @param notes text at the right end of each category's row; empty for none
  /// @param joined whether a line joins the marks of a row
  record Dots(
      Axis value, List<String> categories, List<Row> series, List<String> notes, boolean joined)
      implements Chart {
    public Dots {
      categories = List.copyOf(categories);
      series = List.copyOf(series);
      notes = List.copyOf(notes);
      for (Row row : series) {
        if (row.values().size() != categories.size()) {
          throw new IllegalArgumentException("one value for each category in " + row.name());
        }
      }
    }
  }

  /// Bars from zero to the left and to the right, one for each category.
  record Bars(Axis value, List<String> categories, List<Estimate> values) implements Chart {
    public Bars {
      categories = List.copyOf(categories);
      values = List.copyOf(values);
      if (values.size() != categories.size()) {
        throw new IllegalArgumentException("one value for each category");
      }
    }
  }

  /// A matrix of signed numbers as squares: the area is the size, filled above zero and hollow
  /// below (Hinton diagram).
  ///
  /// @param value what an entry is
  /// @param entries a list for each row; NaN is left blank
  record SignedMatrix(
      String value,
      ValueFormat format,
      String rowTitle,
      String columnTitle,
      List<String> rows,
      List<String> columns,
      List<List<Double>> entries)
      implements Chart {
    public SignedMatrix {
      rows = List.copyOf(rows);
      columns = List.copyOf(columns);
      entries = entries.stream().map(List::copyOf).toList();
    }
  }
}
