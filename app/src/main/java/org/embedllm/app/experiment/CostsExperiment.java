package org.embedllm.app.experiment;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.embedllm.app.report.Axis;
import org.embedllm.app.report.Block;
import org.embedllm.app.report.Cell;
import org.embedllm.app.report.Chart;
import org.embedllm.app.report.Figure;
import org.embedllm.app.report.Table;
import org.embedllm.app.report.ValueFormat;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.SplitPart;
import org.embedllm.routing.CostCurve;
import org.embedllm.routing.PricedForecasts;
import org.embedllm.storage.BadInputException;
import org.embedllm.tensor.FloatMatrix;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Quality against cost: the dial from price alone to quality alone beside every single model.
final class CostsExperiment {
  private static final double OUTPUT_TOKENS = 300; // expected length of an answer

  private final ExperimentContext context;

  CostsExperiment(ExperimentContext context) {
    this.context = context;
  }

  /// Number of units of work.
  static int units() {
    return 1;
  }

  /// Whether the price of any model of the data is known.
  static boolean possible(ExperimentSetup setup) {
    return setup.data().matrix().models().stream()
        .anyMatch(model -> Double.isFinite(setup.prices().cost(model, 1, 1)));
  }

  ExperimentResult run() {
    if (!possible(context.setup())) {
      throw BadInputException.of(
          "no price of any model is known: give --prices FILE, a CSV model,input,output,call");
    }
    CostCurve curve = curve(context.setup(), context.main().model()::forecast);
    context.finished("costs");
    return result(curve);
  }

  /// The curve of any forecaster.
  ///
  /// @param forecasts from question vectors [n, q] to probabilities [n, m], models as in the data
  static CostCurve curve(ExperimentSetup setup, UnaryOperator<FloatMatrix> forecasts) {
    AnswerCounts training =
        AnswerCounts.of(
            setup.data().matrix().selectQuestions(setup.data().split().questions(SplitPart.TRAIN)));
    return CostCurve.of(
        priced(setup, SplitPart.VALIDATION, training, forecasts),
        priced(setup, SplitPart.TEST, training, forecasts),
        setup.options().seed());
  }

  private static PricedForecasts priced(
      ExperimentSetup setup,
      SplitPart part,
      AnswerCounts training,
      UnaryOperator<FloatMatrix> forecasts) {
    int[] questions = setup.data().split().questions(part);
    CorrectnessMatrix answers = setup.data().matrix().selectQuestions(questions);
    return PricedForecasts.of(
        answers,
        forecasts.apply(setup.vectors().select(questions).vectors()),
        setup.prices(),
        OUTPUT_TOKENS,
        training);
  }

  private static ExperimentResult result(CostCurve curve) {
    ObjectNode json = json(curve);
    Table table = table(curve);
    Figure figure =
        new Figure(
            ExperimentName.COSTS.label(),
            "Quality against cost",
            sentence(curve.verdict()),
            String.format(
                Locale.ROOT,
                "Share of test questions answered rightly against the mean cost of a call; prices per token with %.0f tokens an answer and a token for 4 characters of a prompt. Settings of the dial run from price alone to quality alone.",
                OUTPUT_TOKENS),
            chart(curve),
            table);
    return new ExperimentResult(
        ExperimentName.COSTS,
        json,
        table,
        List.of(figure),
        List.of(
            new Block.Paragraph(
                "The smallest pool that keeps 99 % of the routed quality on validation: "
                    + String.join(", ", curve.pool())
                    + ".")));
  }

  private static String sentence(String words) {
    return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1) + ".";
  }

  /// The content of `costs.json`.
  static ObjectNode json(CostCurve curve) {
    ObjectNode json = Numbers.object();
    points(json.putArray("points"), "policy", curve.points());
    points(json.putArray("models"), "model", curve.models());
    points(json.putArray("front"), "policy", curve.front());
    Numbers.put(json, "area", curve.area());
    Numbers.put(json, "costSavedAtBestSingle", curve.costSavedAtBestSingle().orElse(Double.NaN));
    if (curve.costSavedAtBestSingle().isEmpty()) {
      json.put("costSavedAtBestSingleReason", curve.nothingSaved());
    }
    point(json.putObject("singleBest"), "model", curve.singleBest());
    point(json.putObject("atBestSingle"), "policy", curve.matched());
    ArrayNode pool = json.putArray("pool");
    curve.pool().forEach(pool::add);
    point(json.putObject("poolRouted"), "policy", curve.poolPoint());
    Numbers.put(json, "gain", curve.gain());
    json.put("route", curve.route()).put("verdict", curve.verdict());
    return json;
  }

  private static void points(ArrayNode array, String name, List<CostCurve.Point> points) {
    for (CostCurve.Point point : points) {
      point(array.addObject(), name, point);
    }
  }

  private static void point(ObjectNode node, String name, CostCurve.Point point) {
    node.put(name, point.policy());
    Numbers.put(node, "cost", point.cost());
    Numbers.put(node, "quality", point.quality());
  }

  private static Table table(CostCurve curve) {
    List<List<Cell>> rows = new ArrayList<>();
    for (CostCurve.Point point : curve.points()) {
      rows.add(row("router", point));
    }
    for (CostCurve.Point point : curve.models()) {
      rows.add(row("model", point));
    }
    return new Table(
        Numbers.columns(
            "kind",
            "Kind",
            "policy",
            "Policy or model",
            "cost",
            "USD a call",
            "quality",
            "Quality"),
        rows);
  }

  private static List<Cell> row(String kind, CostCurve.Point point) {
    return List.of(
        Cell.of(kind),
        Cell.of(point.policy()),
        Cell.of(point.cost(), ValueFormat.GENERAL),
        Cell.of(point.quality(), ValueFormat.PERCENT));
  }

  private static Chart chart(CostCurve curve) {
    List<CostCurve.Point> dial =
        curve.points().stream().filter(point -> point.policy().startsWith("dial")).toList();
    double[] costs =
        java.util.stream.Stream.concat(dial.stream(), curve.models().stream())
            .mapToDouble(CostCurve.Point::cost)
            .toArray();
    Axis axis = Axis.of("Mean cost of a call (USD)", ValueFormat.GENERAL);
    boolean spread = Arrays.stream(costs).allMatch(cost -> cost > 0);
    return new Chart.Plane(
        spread ? axis.asLogarithmic() : axis,
        Axis.of("Questions answered rightly (%)", ValueFormat.PERCENT),
        List.of(series("Router, dial", dial, true), series("Single model", curve.models(), false)),
        false);
  }

  private static Chart.Series series(String name, List<CostCurve.Point> points, boolean joined) {
    return new Chart.Series(
        name,
        points.stream()
            .map(p -> new Chart.Point(p.cost(), Chart.Estimate.of(p.quality()), p.policy()))
            .toList(),
        joined);
  }
}
