package org.embedllm.app.quickstart;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;
import org.embedllm.app.report.Axis;
import org.embedllm.app.report.Cell;
import org.embedllm.app.report.Chart;
import org.embedllm.app.report.Figure;
import org.embedllm.app.report.Table;
import org.embedllm.app.report.ValueFormat;
import org.embedllm.app.web.view.ModelSpace;
import org.embedllm.app.web.view.SpaceMap;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.factorization.ModelEmbeddings;
import org.embedllm.routing.ModelPrices;

/// The map that the page shows first, with its places, colors and shapes.
final class ModelMap {
  private static final double SMALLEST = 4; // radii in pixels
  private static final double LARGEST = 9;

  private final SpaceMap map;
  private final double low; // accuracies
  private final double high;

  private ModelMap(SpaceMap map) {
    this.map = map;
    this.low = accuracies(map).min().orElse(0);
    this.high = accuracies(map).max().orElse(1);
  }

  private static DoubleStream accuracies(SpaceMap map) {
    return map.models().stream().mapToDouble(SpaceMap.Point::accuracy).filter(Double::isFinite);
  }

  static Figure of(Path file, ModelArtifact artifact) {
    ModelPrices prices = ModelPrices.ofCalls(artifact.callCosts());
    SpaceMap map = SpaceMap.byDefault(new ModelSpace(file, artifact, Optional.empty(), prices));
    return new ModelMap(map).figure(artifact.embeddings());
  }

  private Figure figure(ModelEmbeddings embeddings) {
    List<List<Cell>> rows = new ArrayList<>();
    int amongKin = 0;
    for (SpaceMap.Point point : map.models()) {
      String nearest = embeddings.nearest(point.name(), 1).getFirst().model();
      amongKin += SimulatedPool.familyOf(nearest).equals(point.family()) ? 1 : 0;
      rows.add(
          List.of(
              new Cell.Text(point.name()),
              new Cell.Value(point.x(), ValueFormat.GENERAL),
              new Cell.Value(point.y(), ValueFormat.GENERAL),
              new Cell.Text(nearest)));
    }
    return new Figure(
        "models",
        "Models that answer alike are close together",
        ("The nearest neighbor of %d of %d models is of its own invented family, though the"
                + " families' names were not used in training.")
            .formatted(amongKin, map.models().size()),
        caption(),
        new Chart.PointMap(
            Axis.of(title(map.axes().getFirst()), ValueFormat.GENERAL),
            Axis.of(title(map.axes().getLast()), ValueFormat.GENERAL),
            map.families().stream().map(this::group).toList()),
        new Table(
            List.of(
                new Table.Column("model", "Model"),
                new Table.Column("x", "Across"),
                new Table.Column("y", "Up"),
                new Table.Column("nearest", "Nearest model")),
            rows));
  }

  private Chart.Group group(String family) {
    return new Chart.Group(
        family,
        map.models().stream()
            .filter(point -> point.family().equals(family))
            .map(point ->
                new Chart.Spot(
                    point.x(), point.y(), radius(point), point.name().replaceFirst("^sim-", "")))
            .toList());
  }

  /// The area grows with the accuracy, as on the page.
  private double radius(SpaceMap.Point point) {
    double share = high > low ? (point.accuracy() - low) / (high - low) : 0;
    double area = Double.isFinite(share) ? share : 0;
    return Math.sqrt(SMALLEST * SMALLEST + area * (LARGEST * LARGEST - SMALLEST * SMALLEST));
  }

  private static String title(SpaceMap.Axis axis) {
    List<String> ends = new ArrayList<>();
    if (!axis.low().isEmpty()) {
      ends.add("← stronger at " + String.join(", ", axis.low()));
    }
    if (!axis.high().isEmpty()) {
      ends.add("stronger at " + String.join(", ", axis.high()) + " →");
    }
    return ends.isEmpty() ? axis.label() : String.join(" · ", ends);
  }

  private String caption() {
    String meaning =
        map.projection().equals("skills")
            ? "Ability is removed: near means strong and weak at the same things."
            : "Near means alike; accuracy rises along both axes.";
    return ("Simulated models (sim- left out). %s The axes have one scale and hold %.0f %% and %.0f %%"
            + " of the spread. Size is accuracy, from %.0f %% to %.0f %%. The page shows the same map"
            + " with the same marks.")
        .formatted(
            meaning,
            100 * map.axes().getFirst().share(),
            100 * map.axes().getLast().share(),
            100 * low,
            100 * high);
  }
}
