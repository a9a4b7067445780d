package org.embedllm.app.quickstart;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.embedllm.app.report.Axis;
import org.embedllm.app.report.Cell;
import org.embedllm.app.report.Chart;
import org.embedllm.app.report.Chart.Estimate;
import org.embedllm.app.report.Figure;
import org.embedllm.app.report.Table;
import org.embedllm.app.report.ValueFormat;
import tools.jackson.databind.JsonNode;

/// Are the forecasts any good? Drawn from `evaluate --json`.
final class ForecastFigures {
  private final JsonNode forecast;

  ForecastFigures(JsonNode evaluation) {
    this.forecast = evaluation.path("forecast");
  }

  /// The share of right forecasts, with the baselines'.
  Figure forecasters() {
    JsonNode baselines = forecast.path("baselines");
    double gain =
        forecast.path("accuracy").asDouble() - baselines.path("majorityPerModel").asDouble();
    return new AccuracyRanking()
        .row("model vectors", forecast, "accuracy")
        .row("nearest neighbors", baselines.path("knn"), "accuracy")
        .row("model's majority in the skill", baselines, "majorityPerModelAndBenchmark")
        .row("model's majority", baselines, "majorityPerModel")
        .figure(
            "forecasts",
            "How often \u201cright\u201d or \u201cwrong\u201d is forecast correctly",
            String.format(
                Locale.ROOT,
                "Looking at the question gains %.1f points over each model's own majority.",
                100 * gain),
            "Simulated. One forecast for each test question and model; whiskers are 95 %"
                + " intervals.",
            "Forecast by");
  }

  /// Forecast against observed scores.
  Figure reliability() {
    List<Chart.Point> points = new ArrayList<>();
    List<List<Cell>> rows = new ArrayList<>();
    for (JsonNode bin : forecast.path("reliability")) {
      double expected = bin.path("meanProbability").asDouble(Double.NaN);
      double observed = bin.path("meanScore").asDouble(Double.NaN);
      int cells = bin.path("cells").asInt();
      points.add(new Chart.Point(expected, Estimate.of(observed), cells + " forecasts"));
      rows.add(
          List.of(
              new Cell.Value(cells, ValueFormat.COUNT),
              new Cell.Value(expected, ValueFormat.PERCENT),
              new Cell.Value(observed, ValueFormat.PERCENT)));
    }
    Axis said = Axis.of("Probability that was forecast (%)", ValueFormat.PERCENT).covering(0, 1);
    Axis seen = Axis.of("Answers that were right (%)", ValueFormat.PERCENT).covering(0, 1);
    return new Figure(
        "reliability",
        "Forecast probability against observed share",
        "Forecasts and observed scores differ by %s on average (expected calibration error)."
            .formatted(ValueFormat.PERCENT.show(forecast.path("calibrationError").asDouble())),
        "Simulated. Fifteen bins of equally many forecasts; on the dashed line, forecasts are calibrated.",
        new Chart.Plane(said, seen, List.of(new Chart.Series("", points, true)), true),
        new Table(
            List.of(
                new Table.Column("forecasts", "Forecasts"),
                new Table.Column("forecast", "Forecast"),
                new Table.Column("right", "Right")),
            rows));
  }
}
