package org.embedllm.app.quickstart;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.embedllm.app.report.Axis;
import org.embedllm.app.report.Cell;
import org.embedllm.app.report.Chart;
import org.embedllm.app.report.Chart.Estimate;
import org.embedllm.app.report.Figure;
import org.embedllm.app.report.Table;
import org.embedllm.app.report.ValueFormat;
import org.embedllm.factorization.ModelEmbeddings;
import org.embedllm.probe.PrincipalPlane;

/// A map of the models: the principal plane of their canonical embeddings.
final class ModelMap {
  private ModelMap() {}

  static Figure of(ModelEmbeddings embeddings) {
    PrincipalPlane plane = PrincipalPlane.of(embeddings.vectors());
    Map<String, List<Chart.Point>> families = new LinkedHashMap<>();
    List<List<Cell>> rows = new ArrayList<>();
    int amongKin = 0;
    for (int i = 0; i < embeddings.models().size(); i++) {
      String model = embeddings.models().get(i);
      PrincipalPlane.Place place = plane.places().get(i);
      String nearest = embeddings.nearest(model, 1).getFirst().model();
      String family = SimulatedPool.familyOf(model);
      amongKin += SimulatedPool.familyOf(nearest).equals(family) ? 1 : 0;
      families
          .computeIfAbsent(family, _ -> new ArrayList<>())
          .add(
              new Chart.Point(place.x(), Estimate.of(place.y()), model.substring("sim-".length())));
      rows.add(
          List.of(
              new Cell.Text(model),
              new Cell.Value(place.x(), ValueFormat.GENERAL),
              new Cell.Value(place.y(), ValueFormat.GENERAL),
              new Cell.Text(nearest)));
    }
    return new Figure(
        "models",
        "Models that answer alike are close together",
        ("The nearest neighbor of %d of %d models is of its own invented family, though the"
                + " families' names were not used in training.")
            .formatted(amongKin, embeddings.models().size()),
        ("Simulated models (sim- left out). Principal components of the canonical embeddings: both axes"
                + " have one scale, in logits, and hold %.0f %% and %.0f %% of the variance; models far"
                + " apart here answer differently, models close together may still differ otherwise.")
            .formatted(100 * plane.firstShare(), 100 * plane.secondShare()),
        new Chart.PointMap(
            Axis.of("First component (logits)", ValueFormat.GENERAL),
            Axis.of("Second component (logits)", ValueFormat.GENERAL),
            families.entrySet().stream()
                .map(f -> new Chart.Series(f.getKey(), f.getValue(), false))
                .toList()),
        new Table(
            List.of(
                new Table.Column("model", "Model"),
                new Table.Column("x", "First"),
                new Table.Column("y", "Second"),
                new Table.Column("nearest", "Nearest model")),
            rows));
  }
}
