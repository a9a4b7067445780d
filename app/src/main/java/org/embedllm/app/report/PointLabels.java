package org.embedllm.app.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Writes names beside points. One that would cover a mark or another name is shown under the
/// pointer only.
final class PointLabels {
  private static final double HEIGHT = 11;
  private static final double GAP = 3; // between a mark and its label

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

  private final SvgCanvas canvas;
  private final Taken frame;
  private final List<Taken> taken = new ArrayList<>();

  /// Labels within a frame.
  PointLabels(SvgCanvas canvas, double left, double top, double right, double bottom) {
    this.canvas = canvas;
    this.frame = new Taken(left, top, right, bottom);
  }

  /// Keeps the place of a mark free.
  PointLabels mark(double x, double y, double radius) {
    taken.add(new Taken(x - radius, y - radius, x + radius, y + radius));
    return this;
  }

  /// Writes a name in the first free place: right, left, above, below, then the corners.
  void label(String name, double x, double y, double radius) {
    place(TextWidth.of(name, HEIGHT), x, y, radius + GAP)
        .ifPresent(free -> {
          taken.add(free);
          canvas.text("small", free.left(), free.bottom() - 2.5, "start", name);
        });
  }

  private Optional<Taken> place(double width, double x, double y, double off) {
    double[][] corners = {
      {x + off, y - HEIGHT / 2},
      {x - off - width, y - HEIGHT / 2},
      {x - width / 2, y - off - HEIGHT},
      {x - width / 2, y + off},
      {x + off - 2, y - off - HEIGHT + 3},
      {x + off - 2, y + off - 3},
      {x - off + 2 - width, y - off - HEIGHT + 3},
      {x - off + 2 - width, y + off - 3}
    };
    for (double[] corner : corners) {
      Taken box = new Taken(corner[0], corner[1], corner[0] + width, corner[1] + HEIGHT);
      if (box.within(frame) && taken.stream().noneMatch(box::overlaps)) {
        return Optional.of(box);
      }
    }
    return Optional.empty();
  }
}
