package org.embedllm.app.experiment;

import java.util.ArrayList;
import java.util.List;
import org.embedllm.app.experiment.run.Numbers;
import org.embedllm.app.report.Axis;
import org.embedllm.app.report.Cell;
import org.embedllm.app.report.Chart;
import org.embedllm.app.report.Figure;
import org.embedllm.app.report.Table;
import org.embedllm.app.report.ValueFormat;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.forecast.Calibration;
import org.embedllm.forecast.Estimate;
import org.embedllm.tensor.FloatMatrix;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Whether forecast probabilities are calibrated: the reliability diagram.
///
/// @param calibration of the forecasts
record ReliabilityReport(Calibration calibration) {
  /// @param answers the observed answers, [m, n]
  /// @param forecasts [n, m]
  /// @param seed of the simulated perfect forecaster
  static Calibration calibration(CorrectnessMatrix answers, FloatMatrix forecasts, long seed) {
    float[] probabilities = new float[answers.cellCount()];
    float[] scores = new float[answers.cellCount()];
    int[] questions = new int[answers.cellCount()];
    for (int j = 0; j < answers.questionCount(); j++) {
      for (int c = answers.firstCell(j); c < answers.firstCell(j + 1); c++) {
        probabilities[c] = forecasts.get(j, answers.cellModel(c));
        scores[c] = answers.cellScore(c);
        questions[c] = j;
      }
    }
    return Calibration.of(probabilities, scores, questions, seed);
  }

  Figure figure() {
    List<Chart.Point> points = new ArrayList<>();
    List<List<Cell>> rows = new ArrayList<>();
    for (Calibration.Bin bin : calibration.bins()) {
      Estimate right = new Estimate(bin.meanScore(), bin.interval());
      points.add(
          new Chart.Point(bin.meanProbability(), Numbers.chart(right), bin.cells() + " forecasts"));
      List<Cell> row = new ArrayList<>();
      row.add(Cell.count(bin.cells()));
      row.add(Cell.of(bin.meanProbability(), ValueFormat.PERCENT));
      row.addAll(Numbers.cells(right, ValueFormat.PERCENT));
      rows.add(row);
    }
    Axis said = Axis.of("Probability that was forecast (%)", ValueFormat.PERCENT).covering(0, 1);
    Axis seen = Axis.of("Answers that were right (%)", ValueFormat.PERCENT).covering(0, 1);
    return new Figure(
        "reliability",
        "Forecast probability against observed share",
        "Forecasts and observed scores differ by %s on average (expected calibration error); of a perfectly calibrated forecaster chance alone would show %s on as many answers."
            .formatted(
                ValueFormat.PERCENT.show(calibration.error()),
                ValueFormat.PERCENT.show(calibration.errorIfPerfect())),
        "Test answers in fifteen bins of equally many forecasts; on the dashed line, forecasts are calibrated. Whiskers are 95 % intervals.",
        new Chart.Plane(said, seen, List.of(new Chart.Series("", points, true)), true),
        new Table(
            Numbers.columns(
                "forecasts",
                "Forecasts",
                "forecast",
                "Mean forecast",
                "right",
                "Right",
                "right_low",
                "low",
                "right_high",
                "high"),
            rows));
  }

  void json(ObjectNode json) {
    Numbers.put(json, "calibrationError", calibration.error());
    Numbers.put(json, "calibrationErrorIfPerfect", calibration.errorIfPerfect());
    ArrayNode bins = json.putArray("reliability");
    for (Calibration.Bin bin : calibration.bins()) {
      ObjectNode node = bins.addObject().put("cells", bin.cells());
      Numbers.put(node, "meanProbability", bin.meanProbability());
      Numbers.put(node, "meanScore", new Estimate(bin.meanScore(), bin.interval()));
    }
  }
}
