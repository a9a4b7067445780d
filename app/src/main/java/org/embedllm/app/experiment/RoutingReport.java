package org.embedllm.app.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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
import org.embedllm.forecast.Calibration;
import org.embedllm.forecast.Estimate;
import org.embedllm.forecast.Interval;
import org.embedllm.routing.RoutingEvaluation;

/// What routing says.
///
/// @param routing the factorization router and every baseline
/// @param neighbors the nearest-neighbors router by benchmark
/// @param paper the single best model as in the paper
/// @param k number of neighbors, chosen on validation
/// @param calibration of the factorization's forecasts
/// @param threshold between two models, where there are two
/// @param speed of routing and training
record RoutingReport(
    RoutingEvaluation routing,
    Map<String, RoutingEvaluation.OnBenchmark> neighbors,
    PaperSingleBest paper,
    int k,
    Calibration calibration,
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
            "Share of test questions whose routed model answers correctly; whiskers: 95 % interval over resampled questions. Single best: chosen on training questions, for each benchmark again. Weighted random: as many calls of each model as the router makes, at random. Oracle: some model is right.",
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
    threshold.ifPresent(curve -> figures.add(new ThresholdReport(curve).figure()));
    figures.add(new ReliabilityReport(calibration).figure());
    return new ExperimentResult(
        ExperimentName.ROUTING,
        new RoutingJson(this).document(),
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
                  neighbors.containsKey(name) ? neighbors.get(name).router() : known(Double.NaN),
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
        Axis.of("Questions answered correctly (%)", ValueFormat.PERCENT),
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
    return "Over all questions the router differs from the single best model by %s; within benchmarks it is clearly better on %d, clearly worse on %d and not distinguishable on %d."
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
        "The router is right on %s, %s beside always calling %s; with the same calls at random it would be %.1f points worse. Against the single best model of each benchmark it is not clearly worse on %d of %d benchmarks; some model is right on %s of the questions.",
        Numbers.percent(routing.router()),
        Numbers.points(routing.gain()),
        routing.singleBestModel(),
        100 * weighted,
        near,
        routing.perBenchmark().size(),
        ValueFormat.PERCENT.show(routing.oracle().value()));
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
}
