package org.embedllm.app.experiment;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.embedllm.app.experiment.run.ExperimentName;
import org.embedllm.app.experiment.run.ExperimentResult;
import org.embedllm.app.experiment.run.Numbers;
import org.embedllm.app.report.Axis;
import org.embedllm.app.report.Block;
import org.embedllm.app.report.Cell;
import org.embedllm.app.report.Chart;
import org.embedllm.app.report.Figure;
import org.embedllm.app.report.Table;
import org.embedllm.app.report.ValueFormat;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The results of leaving models out and adding them again.
///
/// @param outcomes of every model left out alone, by number of its answers and choice of questions
/// @param byFamily the same where its family was left out with it
/// @param families how many families were left out
/// @param retrained forecasting accuracy of the same models when they were trained with the others
/// @param models how many were left out
/// @param ofModels of how many
record NewModelsReport(
    List<NewModelTrial.Outcome> outcomes,
    List<NewModelTrial.Outcome> byFamily,
    int families,
    double retrained,
    int models,
    int ofModels) {
  /// Means over the new models with that many answers.
  private record Row(
      int answers,
      double forecastAccuracy,
      double accuracyError,
      double benchmarkError,
      double meanError,
      double covered,
      double benchmarkCovered) {}

  private static List<Row> rows(List<NewModelTrial.Outcome> outcomes, NewModelTrial.Choice choice) {
    List<Row> rows = new ArrayList<>();
    for (int count : NewModelTrial.COUNTS) {
      List<NewModelTrial.Outcome> own =
          outcomes.stream().filter(o -> o.choice() == choice && o.answers() == count).toList();
      if (!own.isEmpty()) {
        rows.add(
            new Row(
                count,
                mean(own, NewModelTrial.Outcome::forecastAccuracy),
                mean(own, NewModelTrial.Outcome::accuracyError),
                mean(own, NewModelTrial.Outcome::benchmarkError),
                mean(own, NewModelTrial.Outcome::meanError),
                mean(own, o -> o.covered() ? 1 : 0),
                mean(own, NewModelTrial.Outcome::benchmarkCovered)));
      }
    }
    return rows;
  }

  private static double mean(
      List<NewModelTrial.Outcome> outcomes, ToDoubleFunction<NewModelTrial.Outcome> value) {
    return outcomes.stream()
        .mapToDouble(value)
        .filter(Double::isFinite)
        .average()
        .orElse(Double.NaN);
  }

  ExperimentResult result() {
    List<Row> planned = rows(outcomes, NewModelTrial.Choice.PLANNED);
    List<Row> onePlan = rows(outcomes, NewModelTrial.Choice.ONE_PLAN);
    List<Row> random = rows(outcomes, NewModelTrial.Choice.RANDOM);
    ObjectNode json = Numbers.object();
    ArrayNode answers = json.putArray("answers");
    planned.forEach(row -> answers.add(row.answers()));
    ObjectNode family = Numbers.object();
    for (NewModelTrial.Choice choice : NewModelTrial.Choice.values()) {
      json(json.putArray(choice.key), rows(outcomes, choice));
      json(family.putArray(choice.key), rows(byFamily, choice));
    }
    family.put("families", families);
    json.set("byFamily", family);
    Numbers.put(json.putObject("retrained"), "forecastAccuracy", retrained);
    json.put("models", models);
    json.put("ofModels", ofModels);
    Table table = table();
    Figure error =
        new Figure(
            ExperimentName.NEWMODELS.label(),
            "Error of a new model's accuracy by number of its answers",
            finding(planned, random),
            "Mean over %d of the %d models, left out in turn, of the error of the accuracy over all training questions. Planned ten at a time: each answer is taken into account before the next questions are chosen. Planned at once: no answer is. Plain mean: of the random answers."
                .formatted(models, ofModels),
            errors(planned, onePlan, random),
            table);
    Figure forecast =
        new Figure(
            "newmodels-forecast",
            "Forecasting accuracy for a new model by number of its answers",
            forecastFinding(planned, retrained),
            "Share of its test answers forecast correctly, mean over %d models; beside it the same models trained with all their answers together with the others."
                .formatted(models),
            forecasts(planned, onePlan, random, retrained),
            table);
    return new ExperimentResult(
        ExperimentName.NEWMODELS,
        json,
        table,
        List.of(error, forecast),
        List.of(new Block.Listing("newmodels-values", "New models", table)));
  }

  private static void json(ArrayNode array, List<Row> rows) {
    for (Row row : rows) {
      ObjectNode node = array.addObject().put("answers", row.answers());
      Numbers.put(node, "forecastAccuracy", row.forecastAccuracy());
      Numbers.put(node, "benchmarkError", row.benchmarkError());
      Numbers.put(node, "accuracyError", row.accuracyError());
      Numbers.put(node, "plainMeanError", row.meanError());
      Numbers.put(node, "covered", row.covered());
      Numbers.put(node, "benchmarkCovered", row.benchmarkCovered());
    }
  }

  private Table table() {
    List<List<Cell>> rows = new ArrayList<>();
    for (NewModelTrial.Choice choice : NewModelTrial.Choice.values()) {
      add(rows, choice.title, rows(outcomes, choice));
    }
    for (NewModelTrial.Choice choice : NewModelTrial.Choice.values()) {
      add(rows, choice.title + ", family left out", rows(byFamily, choice));
    }
    double nan = Double.NaN;
    rows.add(
        List.of(
            Cell.of("trained with the others"),
            Cell.count(0),
            Cell.of(retrained, ValueFormat.PERCENT),
            Cell.of(nan, ValueFormat.DECIMAL),
            Cell.of(nan, ValueFormat.DECIMAL),
            Cell.of(nan, ValueFormat.DECIMAL),
            Cell.of(nan, ValueFormat.PERCENT),
            Cell.of(nan, ValueFormat.PERCENT)));
    return new Table(
        Numbers.columns(
            "questions", "Questions",
            "answers", "Answers",
            "forecast_accuracy", "Forecasting",
            "accuracy_error", "Error of accuracy",
            "benchmark_error", "… by benchmark",
            "plain_mean_error", "… of the plain mean",
            "covered", "Covered by interval",
            "benchmark_covered", "… by benchmark"),
        rows);
  }

  private static void add(List<List<Cell>> rows, String name, List<Row> values) {
    for (Row row : values) {
      rows.add(
          List.of(
              Cell.of(name),
              Cell.count(row.answers()),
              Cell.of(row.forecastAccuracy(), ValueFormat.PERCENT),
              Cell.of(row.accuracyError(), ValueFormat.DECIMAL),
              Cell.of(row.benchmarkError(), ValueFormat.DECIMAL),
              Cell.of(row.meanError(), ValueFormat.DECIMAL),
              Cell.of(row.covered(), ValueFormat.PERCENT),
              Cell.of(row.benchmarkCovered(), ValueFormat.PERCENT)));
    }
  }

  private static Chart errors(List<Row> planned, List<Row> onePlan, List<Row> random) {
    return new Chart.Plane(
        Axis.of("Answers of the new model", ValueFormat.COUNT).asLogarithmic(),
        Axis.of("Mean error of its accuracy (percentage points)", ValueFormat.PERCENT)
            .covering(0, 0),
        List.of(
            series("Planned ten at a time", planned, Row::accuracyError),
            series("Planned at once", onePlan, Row::accuracyError),
            series("Random questions", random, Row::accuracyError),
            series("Plain mean of random answers", random, Row::meanError)),
        false);
  }

  private static Chart forecasts(
      List<Row> planned, List<Row> onePlan, List<Row> random, double retrained) {
    return new Chart.Plane(
        Axis.of("Answers of the new model", ValueFormat.COUNT).asLogarithmic(),
        Axis.of("Forecasting accuracy on test (%)", ValueFormat.PERCENT),
        List.of(
            series("Planned ten at a time", planned, Row::forecastAccuracy),
            series("Planned at once", onePlan, Row::forecastAccuracy),
            series("Random questions", random, Row::forecastAccuracy),
            series("Trained with the others", planned, row -> retrained)),
        false);
  }

  private static Chart.Series series(String name, List<Row> rows, ToDoubleFunction<Row> value) {
    return new Chart.Series(
        name,
        rows.stream()
            .map(row ->
                new Chart.Point(row.answers(), Chart.Estimate.of(value.applyAsDouble(row)), ""))
            .toList(),
        true);
  }

  private static String finding(List<Row> planned, List<Row> random) {
    if (planned.isEmpty() || random.isEmpty()) {
      return "No model has enough answers to be left out.";
    }
    Row plan = near(planned, 100);
    Row chance = near(random, 100);
    return String.format(
        Locale.ROOT,
        "With %d planned answers a new model's accuracy is known to %.1f points on average; with as many random ones to %.1f, and their plain mean is off by %.1f.",
        plan.answers(),
        100 * plan.accuracyError(),
        100 * chance.accuracyError(),
        100 * chance.meanError());
  }

  private static String forecastFinding(List<Row> planned, double retrained) {
    if (planned.isEmpty()) {
      return "No model has enough answers to be left out.";
    }
    Row plan = near(planned, 200);
    return String.format(
        Locale.ROOT,
        "From %d planned answers new questions are forecast %.1f points %s than after training with all answers (%.1f %%).",
        plan.answers(),
        100 * Math.abs(plan.forecastAccuracy() - retrained),
        plan.forecastAccuracy() < retrained ? "worse" : "better",
        100 * retrained);
  }

  private static Row near(List<Row> rows, int answers) {
    return rows.stream()
        .min(Comparator.comparingInt(row -> Math.abs(row.answers() - answers)))
        .orElseThrow();
  }
}
