package org.embedllm.app.experiment;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.embedllm.app.experiment.run.Numbers;
import org.embedllm.app.report.Axis;
import org.embedllm.app.report.Cell;
import org.embedllm.app.report.Chart;
import org.embedllm.app.report.Figure;
import org.embedllm.app.report.Table;
import org.embedllm.app.report.ValueFormat;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The results of the threshold of §3.2 between two models.
///
/// @param curve quality by threshold
record ThresholdReport(ThresholdCurve curve) {
  Figure figure() {
    List<Chart.Point> routed = new ArrayList<>();
    List<List<Cell>> rows = new ArrayList<>();
    for (ThresholdCurve.Step step : curve.points()) {
      routed.add(
          new Chart.Point(
              step.share(),
              Numbers.chart(step.quality()),
              "threshold " + ValueFormat.DECIMAL.show(step.threshold())));
      List<Cell> row = new ArrayList<>();
      row.add(Cell.of(step.threshold(), ValueFormat.DECIMAL));
      row.add(Cell.of(step.share(), ValueFormat.PERCENT));
      row.addAll(Numbers.cells(step.quality(), ValueFormat.PERCENT));
      row.addAll(Numbers.cells(step.gain(), ValueFormat.PERCENT));
      rows.add(row);
    }
    List<Chart.Point> chance =
        List.of(
            new Chart.Point(
                curve.points().getFirst().share(),
                Chart.Estimate.of(curve.points().getFirst().quality().value()),
                "only " + curve.cheap()),
            new Chart.Point(
                curve.points().getLast().share(),
                Chart.Estimate.of(curve.points().getLast().quality().value()),
                "only " + curve.expensive()));
    Chart chart =
        new Chart.Plane(
            Axis.of("Calls to " + curve.expensive() + " (%)", ValueFormat.PERCENT),
            Axis.of("Questions answered correctly (%)", ValueFormat.PERCENT),
            List.of(
                new Chart.Series("Threshold on the forecasts", routed, true),
                new Chart.Series("The same calls at random", chance, true)),
            false);
    ThresholdCurve.Step learned = curve.learned();
    ThresholdCurve.Step half =
        curve.points().stream()
            .min(Comparator.comparingDouble(step -> Math.abs(step.share() - 0.5)))
            .orElse(learned);
    String finding =
        "Where about half of the calls go to %s rather than to %s, choosing them by the forecasts is worth %s over choosing at random; the threshold learned on validation makes %s of the calls to it and answers %s correctly."
            .formatted(
                curve.expensive(),
                curve.cheap(),
                Numbers.points(half.gain()),
                ValueFormat.PERCENT.show(learned.share()),
                Numbers.percent(learned.quality()));
    return new Figure(
        "routing-threshold",
        "Quality against the share of calls to an expensive model",
        finding,
        "A question goes to the expensive model where its forecast exceeds that of the cheap one by more than a threshold; thresholds are quantiles on validation, both axes are measured on test. Whiskers: 95 % interval over resampled questions.",
        chart,
        new Table(
            Numbers.columns(
                "threshold", "Threshold",
                "share", "Share",
                "quality", "Quality",
                "quality_low", "low",
                "quality_high", "high",
                "gain", "Over random",
                "gain_low", "low",
                "gain_high", "high"),
            rows));
  }

  void json(ObjectNode json) {
    json.put("expensive", curve.expensive()).put("cheap", curve.cheap());
    json.put("questions", curve.questions());
    ArrayNode points = json.putArray("points");
    curve.points().forEach(step -> step(points.addObject(), step));
    step(json.putObject("learned"), curve.learned());
  }

  private static void step(ObjectNode node, ThresholdCurve.Step step) {
    Numbers.put(node, "threshold", step.threshold());
    Numbers.put(node, "share", step.share());
    Numbers.put(node, "quality", step.quality());
    Numbers.put(node, "overRandom", step.gain());
  }
}
