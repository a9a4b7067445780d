package org.embedllm.app.quickstart;

import java.util.ArrayList;
import java.util.List;
import org.embedllm.app.report.Cell;
import org.embedllm.app.report.Chart;
import org.embedllm.app.report.Chart.Estimate;
import org.embedllm.app.report.Figure;
import org.embedllm.app.report.Table;
import org.embedllm.app.report.ValueFormat;
import tools.jackson.databind.JsonNode;

/// Does routing pay? Drawn from `evaluate --json`.
final class RoutingFigures {
  private final JsonNode evaluation;
  private final JsonNode routing;

  RoutingFigures(JsonNode evaluation) {
    this.evaluation = evaluation;
    this.routing = evaluation.path("routing");
  }

  /// The router beside its baselines.
  Figure routers() {
    return new AccuracyRanking()
        .row("some right model (oracle)", routing, "oracle")
        .row("router", routing, "router")
        .row("nearest neighbors", routing, "knn")
        .row(
            "always " + routing.path("singleBest").path("model").asString(""),
            routing.path("singleBest"),
            "accuracy")
        .row("weighted random", routing, "weightedRandom")
        .row("random model", routing, "random")
        .figure(
            "routers",
            "How often the chosen model is right",
            evaluation.path("recommendation").path("text").asString(""),
            "Simulated answers to test questions. Whiskers are 95 % intervals. Weighted random"
                + " picks models as often as the router does, but without looking at the question;"
                + " the oracle knows the answers.",
            "Chosen by");
  }

  /// The router, the best single model and the oracle, for each skill.
  Figure skills() {
    JsonNode perSkill = routing.path("perBenchmark");
    List<String> skills = new ArrayList<>(perSkill.propertyNames());
    List<Estimate> best = new ArrayList<>();
    List<Estimate> routed = new ArrayList<>();
    List<Estimate> oracle = new ArrayList<>();
    int ahead = 0;
    for (String skill : skills) {
      JsonNode row = perSkill.path(skill);
      best.add(Estimate.of(row.path("singleBest").asDouble(Double.NaN)));
      routed.add(Estimate.of(row.path("router").asDouble(Double.NaN)));
      oracle.add(Estimate.of(row.path("oracle").asDouble(Double.NaN)));
      ahead += routed.getLast().value() >= best.getLast().value() ? 1 : 0;
    }
    List<Chart.Row> series =
        List.of(
            new Chart.Row("router", routed),
            new Chart.Row("the skill's best single model", best),
            new Chart.Row("oracle", oracle));
    return new Figure(
        "skills",
        "The same, skill by skill",
        ("In %d of %d skills the router does at least as well as the best model for that skill in"
                + " training. Nobody tells it the skill.")
            .formatted(ahead, skills.size()),
        "Simulated. Each row is a skill of the sample; about %d test questions each."
            .formatted(evaluation.path("questions").asInt() / Math.max(1, skills.size())),
        new Chart.Dots(AccuracyRanking.ACCURACY, skills, series, List.of(), false),
        table(skills, series));
  }

  private static Table table(List<String> categories, List<Chart.Row> series) {
    List<Table.Column> columns = new ArrayList<>();
    columns.add(new Table.Column("skill", "Skill"));
    series.forEach(row -> columns.add(new Table.Column(row.name(), row.name())));
    List<List<Cell>> rows = new ArrayList<>();
    for (int c = 0; c < categories.size(); c++) {
      List<Cell> cells = new ArrayList<>();
      cells.add(new Cell.Text(categories.get(c)));
      for (Chart.Row row : series) {
        cells.add(new Cell.Value(row.values().get(c).value(), ValueFormat.PERCENT));
      }
      rows.add(cells);
    }
    return new Table(columns, rows);
  }
}
