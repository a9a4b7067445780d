package org.embedllm.app.quickstart;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.embedllm.app.report.Axis;
import org.embedllm.app.report.Block;
import org.embedllm.app.report.Cell;
import org.embedllm.app.report.Chart;
import org.embedllm.app.report.Chart.Estimate;
import org.embedllm.app.report.Figure;
import org.embedllm.app.report.ReportPage;
import org.embedllm.app.report.Table;
import org.embedllm.app.report.ValueFormat;
import org.embedllm.factorization.ModelEmbeddings;
import org.embedllm.probe.PrincipalPlane;
import tools.jackson.databind.JsonNode;

/// The page of the quickstart: does routing pay, how good are the forecasts, a map of the models,
/// and three routed prompts.
final class QuickstartReport {
  private static final Axis ACCURACY = Axis.of("Accuracy (%)", ValueFormat.PERCENT);
  private static final int SHOWN = 4;

  private final Quickstart.Findings findings;
  private final JsonNode routing;
  private final JsonNode forecast;

  private QuickstartReport(Quickstart.Findings findings) {
    this.findings = findings;
    this.routing = findings.evaluation().path("routing");
    this.forecast = findings.evaluation().path("forecast");
  }

  static ReportPage of(Quickstart.Findings findings) {
    return new QuickstartReport(findings).page();
  }

  private ReportPage page() {
    SampleFiles sample = findings.sample();
    List<Block> blocks = new ArrayList<>();
    blocks.add(facts(sample));
    blocks.add(new Block.Heading("routing", "Does routing pay?"));
    blocks.add(new Block.Drawing(routers()));
    blocks.add(new Block.Drawing(skills()));
    blocks.add(new Block.Heading("forecasts", "Are the forecasts any good?"));
    blocks.add(new Block.Drawing(forecasters()));
    blocks.add(new Block.Drawing(reliability()));
    blocks.add(new Block.Heading("map", "A map of the models"));
    blocks.add(new Block.Drawing(map()));
    blocks.add(new Block.Heading("prompts", "Three prompts, routed"));
    for (int k = 0; k < findings.routes().size(); k++) {
      prompt(k + 1, findings.routes().get(k), blocks);
    }
    return new ReportPage(
        "Quickstart: routing a simulated pool",
        ("Nothing here was measured on a real model: %,d questions were written by grammars, %d invented"
                + " models answered them by chance and talent. The page shows what the program does"
                + " with such answers, and what it would show with yours.")
            .formatted(sample.questions(), sample.models()),
        blocks);
  }

  private Block facts(SampleFiles sample) {
    JsonNode evaluation = findings.evaluation();
    return new Block.Facts(
        List.of(
            new Block.Fact(
                "Sample",
                "simulated: %,d questions in %d skills, %d models, %,d answers"
                    .formatted(
                        sample.questions(),
                        SampleQuestions.SKILLS.size(),
                        sample.models(),
                        sample.answers())),
            new Block.Fact(
                "Held out",
                "%,d questions, %,d answers; seen neither in training nor in choosing settings"
                    .formatted(
                        evaluation.path("questions").asInt(), evaluation.path("cells").asInt())),
            new Block.Fact(
                "Question vectors",
                "%d numbers each, from the frozen sentence encoder %s"
                    .formatted(
                        findings.artifact().encoder().dimension(),
                        findings.artifact().encoder().name())),
            new Block.Fact(
                "Model vectors",
                "%d numbers each, learned from right and wrong answers"
                    .formatted(findings.artifact().factorization().dimension())),
            new Block.Fact(
                "Intervals", "95 %, from 2,000 resamples of whole questions (bootstrap)")));
  }

  private Figure routers() {
    Map<String, Estimate> rows = new LinkedHashMap<>();
    rows.put("some right model (oracle)", estimate(routing, "oracle"));
    rows.put("router", estimate(routing, "router"));
    if (routing.path("knn").isNumber()) {
      rows.put("nearest neighbours", estimate(routing, "knn"));
    }
    rows.put(
        "always " + routing.path("singleBest").path("model").asString(""),
        estimate(routing.path("singleBest"), "accuracy"));
    rows.put("weighted random", estimate(routing, "weightedRandom"));
    rows.put("random model", estimate(routing, "random"));
    rows = bestFirst(rows);
    return new Figure(
        "routers",
        "How often the chosen model is right",
        routing.path("verdict").asString(""),
        "Simulated answers to held-out questions. Whiskers are 95 % intervals. Weighted random picks"
            + " models as often as the router does, but without looking at the question; the oracle"
            + " knows the answers.",
        new Chart.Dots(
            ACCURACY,
            List.copyOf(rows.keySet()),
            List.of(new Chart.Row("", List.copyOf(rows.values()))),
            rows.values().stream().map(e -> ValueFormat.PERCENT.show(e.value())).toList(),
            false),
        estimates("chosen by", rows));
  }

  private Figure skills() {
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
        ("In %d of %d skills the router does at least as well as the model that did best on that"
                + " skill's training questions, though nobody tells it the skill.")
            .formatted(ahead, skills.size()),
        "Simulated. Each row is a skill of the sample; about %d held-out questions each."
            .formatted(
                findings.evaluation().path("questions").asInt() / Math.max(1, skills.size())),
        new Chart.Dots(ACCURACY, skills, series, List.of(), false),
        bySeries("skill", skills, series));
  }

  private Figure forecasters() {
    JsonNode baselines = forecast.path("baselines");
    Map<String, Estimate> rows = new LinkedHashMap<>();
    rows.put("model vectors", estimate(forecast, "accuracy"));
    if (baselines.path("knn").isObject()) {
      rows.put("nearest neighbours", estimate(baselines.path("knn"), "accuracy"));
    }
    rows.put("model's majority in the skill", estimate(baselines, "majorityPerModelAndBenchmark"));
    rows.put("model's majority", estimate(baselines, "majorityPerModel"));
    double gain =
        rows.get("model vectors").value() - estimate(baselines, "majorityPerModel").value();
    rows = bestFirst(rows);
    return new Figure(
        "forecasts",
        "How often \u201cright\u201d or \u201cwrong\u201d is forecast correctly",
        "Looking at the question gains %s points over each model's own majority."
            .formatted(String.format(Locale.ROOT, "%.1f", 100 * gain)),
        "Simulated. One forecast for each held-out question and model; whiskers are 95 % intervals.",
        new Chart.Dots(
            ACCURACY,
            List.copyOf(rows.keySet()),
            List.of(new Chart.Row("", List.copyOf(rows.values()))),
            rows.values().stream().map(e -> ValueFormat.PERCENT.show(e.value())).toList(),
            false),
        estimates("forecast by", rows));
  }

  private Figure reliability() {
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
        "What a forecast of so many percent means",
        "Forecast and outcome differ by %s on average (expected calibration error)."
            .formatted(ValueFormat.PERCENT.show(forecast.path("calibrationError").asDouble())),
        "Simulated. Fifteen bins of equally many forecasts; on the dashed line, forecasts are honest.",
        new Chart.Plane(said, seen, List.of(new Chart.Series("", points, true)), true),
        new Table(
            List.of(
                new Table.Column("forecasts", "Forecasts"),
                new Table.Column("forecast", "Forecast"),
                new Table.Column("right", "Right")),
            rows));
  }

  private Figure map() {
    ModelEmbeddings embeddings = findings.artifact().embeddings();
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
        "Models that answer alike lie together",
        ("The nearest neighbour of %d of %d models is of its own invented family, though the"
                + " families' names took no part in training.")
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

  private static void prompt(int number, JsonNode route, List<Block> blocks) {
    blocks.add(new Block.Paragraph("\u201c%s\u201d".formatted(route.path("prompt").asString(""))));
    blocks.add(
        new Block.Paragraph(
            "Goes to %s: %s."
                .formatted(
                    route.path("route").asString(""),
                    route.path("reason").asString("").replaceAll("\\.$", ""))));
    List<List<Cell>> rows = new ArrayList<>();
    JsonNode ranking = route.path("ranking");
    IntStream.range(0, Math.min(SHOWN, ranking.size()))
        .mapToObj(ranking::get)
        .forEach(candidate ->
            rows.add(
                List.of(
                    new Cell.Text(candidate.path("model").asString("")),
                    percent(candidate, "probability"),
                    new Cell.Text(interval(candidate)),
                    new Cell.Value(
                        1000 * candidate.path("cost").asDouble(Double.NaN), ValueFormat.GENERAL))));
    blocks.add(
        new Block.Listing(
            "prompt-" + number,
            "The first %d of the ranking (simulated models, simulated prices)".formatted(SHOWN),
            new Table(
                List.of(
                    new Table.Column("model", "Model"),
                    new Table.Column("probability", "Right with"),
                    new Table.Column("interval", "95 % interval"),
                    new Table.Column("cost_per_thousand", "USD for 1,000 calls")),
                rows)));
  }

  private static Cell percent(JsonNode candidate, String key) {
    return new Cell.Value(candidate.path(key).asDouble(Double.NaN), ValueFormat.PERCENT);
  }

  private static String interval(JsonNode candidate) {
    double low = candidate.path("low").asDouble(Double.NaN);
    double high = candidate.path("high").asDouble(Double.NaN);
    return high > low
        ? ValueFormat.PERCENT.show(low) + " to " + ValueFormat.PERCENT.show(high)
        : "–";
  }

  private static Estimate estimate(JsonNode parent, String key) {
    JsonNode interval = parent.path(key + "Interval");
    return new Estimate(
        parent.path(key).asDouble(Double.NaN),
        interval.path(0).asDouble(Double.NaN),
        interval.path(1).asDouble(Double.NaN));
  }

  private static Map<String, Estimate> bestFirst(Map<String, Estimate> rows) {
    Map<String, Estimate> sorted = new LinkedHashMap<>();
    rows.entrySet().stream()
        .sorted(Comparator.comparingDouble(row -> -row.getValue().value()))
        .forEach(row -> sorted.put(row.getKey(), row.getValue()));
    return sorted;
  }

  private static Table estimates(String what, Map<String, Estimate> rows) {
    return new Table(
        List.of(
            new Table.Column(
                "name", what.substring(0, 1).toUpperCase(Locale.ROOT) + what.substring(1)),
            new Table.Column("accuracy", "Accuracy"),
            new Table.Column("low", "95 % from"),
            new Table.Column("high", "to")),
        rows.entrySet().stream()
            .map(row ->
                List.<Cell>of(
                    new Cell.Text(row.getKey()),
                    new Cell.Value(row.getValue().value(), ValueFormat.PERCENT),
                    new Cell.Value(row.getValue().low(), ValueFormat.PERCENT),
                    new Cell.Value(row.getValue().high(), ValueFormat.PERCENT)))
            .toList());
  }

  private static Table bySeries(String key, List<String> categories, List<Chart.Row> series) {
    List<Table.Column> columns = new ArrayList<>();
    columns.add(
        new Table.Column(key, key.substring(0, 1).toUpperCase(Locale.ROOT) + key.substring(1)));
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
