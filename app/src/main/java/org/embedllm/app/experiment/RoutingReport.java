package org.embedllm.app.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.embedllm.app.report.Axis;
import org.embedllm.app.report.Block;
import org.embedllm.app.report.Cell;
import org.embedllm.app.report.Chart;
import org.embedllm.app.report.Figure;
import org.embedllm.app.report.Table;
import org.embedllm.app.report.ValueFormat;
import org.embedllm.forecast.Estimate;
import org.embedllm.forecast.Interval;
import org.embedllm.routing.RoutingEvaluation;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What routing says.
///
/// @param routing the factorization router and every baseline
/// @param neighbors the nearest-neighbours router by benchmark
/// @param paper the single best model as the paper has it
/// @param k number of neighbours, chosen on validation
/// @param threshold between two models, where there are two
/// @param speed of routing and training
record RoutingReport(
    RoutingEvaluation routing,
    Map<String, RoutingEvaluation.OnBenchmark> neighbors,
    PaperSingleBest paper,
    int k,
    Optional<ThresholdCurve> threshold,
    RoutingSpeed speed) {
  private static final double BYTES_PER_MEBIBYTE = 1 << 20;

  ExperimentResult result() {
    Table table = table();
    List<Figure> figures = new ArrayList<>();
    figures.add(
        new Figure(
            ExperimentName.ROUTING.label(),
            "Routed accuracy, overall and by benchmark",
            finding(),
            "Share of test questions whose routed model answers rightly; whiskers: 95 % interval over resampled questions. Single best: chosen on training questions, for each benchmark again. Weighted random: as many calls of each model as the router makes, at random. Oracle: some model is right.",
            chart(),
            table));
    figures.add(
        new Figure(
            "routing-gain",
            "Router minus the single best model",
            gainFinding(),
            "Difference of the accuracies in percentage points, with its 95 % interval over resampled questions (paired). The single best model is chosen on training questions, for each benchmark again.",
            gains(),
            table));
    threshold.ifPresent(curve -> figures.add(thresholdFigure(curve)));
    return new ExperimentResult(
        ExperimentName.ROUTING,
        json(),
        table,
        figures,
        List.of(
            new Block.Paragraph(speedSentence()),
            new Block.Listing("routing-share", "Calls by model", shares())));
  }

  private static Estimate known(double value) {
    return new Estimate(value, Interval.UNKNOWN);
  }

  /// A row of the table and the figure.
  private record Line(
      String benchmark,
      int questions,
      Estimate router,
      Estimate singleBest,
      double paperSingleBest,
      Estimate weightedRandom,
      Estimate random,
      Estimate neighbors,
      Estimate oracle,
      Estimate gain) {}

  private List<Line> lines() {
    List<Line> lines = new ArrayList<>();
    lines.add(
        new Line(
            "all benchmarks",
            routing.questions(),
            routing.router(),
            routing.singleBest(),
            paper.accuracy(),
            routing.weightedRandom(),
            routing.random(),
            routing.neighbors().orElse(known(Double.NaN)),
            routing.oracle(),
            routing.gain()));
    routing
        .perBenchmark()
        .forEach((name, on) -> {
          PaperSingleBest.Best best = paper.perBenchmark().get(name);
          lines.add(
              new Line(
                  name,
                  on.questions(),
                  on.router(),
                  on.singleBest(),
                  best == null ? Double.NaN : best.accuracy(),
                  on.weightedRandom(),
                  on.random(),
                  known(Double.NaN),
                  on.oracle(),
                  on.gain()));
        });
    return lines;
  }

  private Table table() {
    List<List<Cell>> rows = new ArrayList<>();
    for (Line line : lines()) {
      List<Cell> row = new ArrayList<>();
      row.add(Cell.of(line.benchmark()));
      row.add(Cell.count(line.questions()));
      row.addAll(Numbers.cells(line.router(), ValueFormat.PERCENT));
      row.addAll(Numbers.cells(line.singleBest(), ValueFormat.PERCENT));
      row.add(Cell.of(line.paperSingleBest(), ValueFormat.PERCENT));
      row.add(Cell.of(line.weightedRandom().value(), ValueFormat.PERCENT));
      row.add(Cell.of(line.random().value(), ValueFormat.PERCENT));
      row.add(Cell.of(line.neighbors().value(), ValueFormat.PERCENT));
      row.add(Cell.of(line.oracle().value(), ValueFormat.PERCENT));
      row.addAll(Numbers.cells(line.gain(), ValueFormat.PERCENT));
      rows.add(row);
    }
    return new Table(
        Numbers.columns(
            "benchmark", "Benchmark",
            "questions", "Questions",
            "router", "Router",
            "router_low", "low",
            "router_high", "high",
            "single_best", "Single best",
            "single_best_low", "low",
            "single_best_high", "high",
            "paper_single_best", "Single best of the test",
            "weighted_random", "Weighted random",
            "random", "Random",
            "knn", "KNN router",
            "oracle", "Oracle",
            "gain", "Router − single best",
            "gain_low", "low",
            "gain_high", "high"),
        rows);
  }

  private Chart chart() {
    List<Line> lines = lines();
    return new Chart.Dots(
        Axis.of("Questions answered rightly (%)", ValueFormat.PERCENT),
        lines.stream().map(Line::benchmark).toList(),
        List.of(
            row("Factorization router", lines.stream().map(Line::router).toList()),
            row("Single best", lines.stream().map(Line::singleBest).toList()),
            row("KNN router", lines.stream().map(Line::neighbors).toList()),
            row("Oracle", lines.stream().map(Line::oracle).toList()),
            row("Weighted random", lines.stream().map(Line::weightedRandom).toList()),
            row("Random", lines.stream().map(line -> known(line.random().value())).toList())),
        List.of(),
        false);
  }

  private Chart gains() {
    List<Line> lines = lines();
    return new Chart.Dots(
        Axis.of("Router − single best (percentage points)", ValueFormat.PERCENT).covering(0, 0),
        lines.stream().map(Line::benchmark).toList(),
        List.of(row("", lines.stream().map(Line::gain).toList())),
        lines.stream().map(line -> line.questions() + " questions").toList(),
        false);
  }

  private String gainFinding() {
    long above =
        routing.perBenchmark().values().stream()
            .filter(on -> on.gain().interval().low() > 0)
            .count();
    long below =
        routing.perBenchmark().values().stream()
            .filter(on -> on.gain().interval().high() < 0)
            .count();
    return "Over all questions the router differs from the single best model by %s; within benchmarks it is clearly better on %d, clearly worse on %d and not told apart on %d."
        .formatted(
            Numbers.points(routing.gain()),
            above,
            below,
            routing.perBenchmark().size() - above - below);
  }

  private static Chart.Row row(String name, List<Estimate> estimates) {
    return new Chart.Row(name, estimates.stream().map(Numbers::chart).toList());
  }

  private Table shares() {
    List<List<Cell>> rows =
        routing.share().entrySet().stream()
            .filter(entry -> entry.getValue() > 0)
            .sorted(java.util.Map.Entry.<String, Double>comparingByValue().reversed())
            .map(entry ->
                List.of(Cell.of(entry.getKey()), Cell.of(entry.getValue(), ValueFormat.PERCENT)))
            .toList();
    return new Table(
        Numbers.columns("model", "Model", "share", "Share of the router's calls"), rows);
  }

  private String finding() {
    long near =
        routing.perBenchmark().values().stream()
            .filter(on -> on.gain().interval().high() >= 0)
            .count();
    double weighted = routing.router().value() - routing.weightedRandom().value();
    return String.format(
        Locale.ROOT,
        "%s The router is right on %s; on the same calls handed out at random it would be %.1f points worse. Against the single best model of each benchmark it is not clearly worse on %d of %d benchmarks; some model is right on %s of the questions.",
        routing.verdict(),
        Numbers.percent(routing.router()),
        100 * weighted,
        near,
        routing.perBenchmark().size(),
        ValueFormat.PERCENT.show(routing.oracle().value()));
  }

  private static Figure thresholdFigure(ThresholdCurve curve) {
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
            Axis.of("Questions answered rightly (%)", ValueFormat.PERCENT),
            List.of(
                new Chart.Series("Threshold on the forecasts", routed, true),
                new Chart.Series("The same calls at random", chance, true)),
            false);
    ThresholdCurve.Step learned = curve.learned();
    ThresholdCurve.Step half =
        curve.points().stream()
            .min(java.util.Comparator.comparingDouble(step -> Math.abs(step.share() - 0.5)))
            .orElse(learned);
    String finding =
        "Where about half of the calls go to %s rather than to %s, choosing them by the forecasts is worth %s over choosing at random; the threshold learnt on validation makes %s of the calls to it and answers %s rightly."
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

  private String speedSentence() {
    String text =
        String.format(
            Locale.ROOT,
            "Speed: %,.0f questions a second are routed over %d models from their vectors (the paper: 3,000 questions over 112 models in 3.80 s on an A100)",
            speed.perSecond(),
            speed.models());
    if (speed.perSecondFromText().isPresent()) {
      text +=
          String.format(
              Locale.ROOT,
              ", and %,.0f a second from their text, one after another",
              speed.perSecondFromText().get());
    }
    text +=
        String.format(
            Locale.ROOT, ". Training on all questions took %.1f s", speed.trainingSeconds());
    if (speed.trainingPeakBytes().isPresent()) {
      text +=
          String.format(
              Locale.ROOT,
              "; the process, data and Java included, held at most %,.0f MiB",
              speed.trainingPeakBytes().get() / BYTES_PER_MEBIBYTE);
    }
    return text + ".";
  }

  private ObjectNode json() {
    ObjectNode json = Numbers.object();
    json.put("questions", routing.questions());
    Numbers.put(json, "router", routing.router());
    ObjectNode single = json.putObject("singleBest").put("model", routing.singleBestModel());
    Numbers.put(single, "accuracy", routing.singleBest());
    single.put("fallbacks", routing.fallbacks());
    Numbers.put(json, "weightedRandom", routing.weightedRandom());
    Numbers.put(json, "random", routing.random());
    routing
        .neighbors()
        .ifPresentOrElse(knn -> Numbers.put(json, "knn", knn), () -> json.putNull("knn"));
    json.put("knnNeighbors", k);
    Numbers.put(json, "oracle", routing.oracle());
    Numbers.put(json, "routerMinusSingleBest", routing.gain());
    routing.gainOverNeighbors().ifPresent(gain -> Numbers.put(json, "routerMinusKnn", gain));
    json.put("verdict", routing.verdict());
    ObjectNode share = json.putObject("share");
    routing.share().forEach((model, fraction) -> Numbers.put(share, model, fraction));
    perBenchmark(json.putObject("perBenchmark"));
    ObjectNode best = json.putObject("paperSingleBest").put("model", paper.model());
    Numbers.put(best, "accuracy", paper.accuracy());
    ObjectNode each = best.putObject("perBenchmark");
    paper
        .perBenchmark()
        .forEach((name, on) ->
            Numbers.put(each.putObject(name).put("model", on.model()), "accuracy", on.accuracy()));
    threshold.ifPresent(curve -> threshold(json.putObject("threshold"), curve));
    timing(json.putObject("timing"));
    return json;
  }

  private void perBenchmark(ObjectNode json) {
    routing
        .perBenchmark()
        .forEach((name, on) -> {
          ObjectNode node = json.putObject(name).put("questions", on.questions());
          Numbers.put(node, "router", on.router());
          Numbers.put(node, "singleBest", on.singleBest());
          node.put("singleBestModel", on.singleBestModel());
          Numbers.put(node, "weightedRandom", on.weightedRandom());
          Numbers.put(node, "random", on.random());
          Numbers.put(node, "oracle", on.oracle());
          Numbers.put(node, "routerMinusSingleBest", on.gain());
        });
  }

  private static void threshold(ObjectNode json, ThresholdCurve curve) {
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

  private void timing(ObjectNode json) {
    json.put("questions", speed.questions()).put("models", speed.models());
    Numbers.put(json, "questionsPerSecondFromVectors", speed.perSecond());
    Numbers.put(json, "questionsPerSecondFromText", speed.perSecondFromText().orElse(Double.NaN));
    Numbers.put(json, "trainingSeconds", speed.trainingSeconds());
    speed
        .trainingPeakBytes()
        .ifPresentOrElse(
            bytes -> json.put("trainingPeakMemoryBytes", bytes),
            () -> json.putNull("trainingPeakMemoryBytes"));
  }
}
