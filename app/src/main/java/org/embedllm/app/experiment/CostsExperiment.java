package org.embedllm.app.experiment;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.embedllm.app.experiment.run.ExperimentContext;
import org.embedllm.app.experiment.run.ExperimentName;
import org.embedllm.app.experiment.run.ExperimentResult;
import org.embedllm.app.experiment.run.ExperimentSetup;
import org.embedllm.app.experiment.run.Numbers;
import org.embedllm.app.report.Axis;
import org.embedllm.app.report.Block;
import org.embedllm.app.report.Cell;
import org.embedllm.app.report.Chart;
import org.embedllm.app.report.Families;
import org.embedllm.app.report.Figure;
import org.embedllm.app.report.Table;
import org.embedllm.app.report.ValueFormat;
import org.embedllm.artifact.ModelArtifact;
import org.embedllm.correctness.QuestionSplit;
import org.embedllm.forecast.Estimate;
import org.embedllm.forecast.ForecastQuantity;
import org.embedllm.forecast.Interval;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.routing.CostCurve;
import org.embedllm.routing.ForecastedQuestions;
import org.embedllm.routing.Recommendation;
import org.embedllm.routing.RoutingPolicies;
import org.embedllm.routing.RoutingPolicy;
import org.embedllm.storage.BadInputException;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Quality against cost: the dial from price alone to quality alone beside every single model, and
/// whether what its settings promise is kept on other splits of the questions.
final class CostsExperiment {
  private static final int SPLITS = 20;
  private static final int FAMILIES = 7;
  private static final int LANDMARKS = 512; // of the further splits, for their speed

  private static final Estimate UNKNOWN = new Estimate(Double.NaN, Interval.UNKNOWN);

  private final ExperimentContext context;

  CostsExperiment(ExperimentContext context) {
    this.context = context;
  }

  /// In how many splits no promise was broken.
  ///
  /// @param splits seeded splits of the same questions
  /// @param promised splits on which a setting for cost was promised; the smallest pool always is
  /// @param kept splits whose test contradicts no promise
  record Kept(int splits, int promised, int kept) {}

  /// Number of units of work.
  static int units() {
    return 1 + SPLITS;
  }

  /// Whether the price of any model of the data is known.
  static boolean possible(ExperimentSetup setup) {
    return setup.data().matrix().models().stream()
        .anyMatch(model -> Double.isFinite(setup.prices().cost(model, 1, 1)));
  }

  ExperimentResult run() {
    ExperimentSetup setup = context.setup();
    if (!possible(setup)) {
      throw BadInputException.of(
          "no price of any model is known: give --prices FILE, a CSV model,input,output,call");
    }
    SplitPool pool = SplitPool.train(setup, setup.data().split(), setup.kernel());
    CostCurve curve = pool.curve(setup.options().seed());
    Recommendation recommendation = recommendation(pool, setup, ForecastQuantity.CORRECTNESS);
    context.finished("costs");
    return result(curve, recommendation, kept(setup));
  }

  private static Recommendation recommendation(
      SplitPool pool, ExperimentSetup setup, ForecastQuantity quantity) {
    return ForecastedQuestions.recommendation(
        pool.evidence(), List.of(), pool.test(), pool.costs(), quantity, setup.options().seed());
  }

  /// The same on further splits of the questions.
  private Kept kept(ExperimentSetup setup) {
    List<Integer> seeds = IntStream.range(0, SPLITS).boxed().toList();
    List<CostCurve> curves =
        context.parallel(
            seeds,
            seed -> {
              CostCurve curve = onSplit(setup, seed);
              context.finished("split " + (seed + 1));
              return curve;
            });
    return new Kept(
        SPLITS,
        (int) curves.stream().filter(curve -> curve.operatingPoint().isPresent()).count(),
        (int) curves.stream().filter(CostCurve::kept).count());
  }

  private static CostCurve onSplit(ExperimentSetup setup, int seed) {
    QuestionSplit split = RandomSplit.like(setup.data().split(), setup.options().seed() + 1 + seed);
    Optional<KernelOptions> kernel =
        setup.kernel().map(k -> k.withLandmarks(Math.min(LANDMARKS, k.landmarks())).withThreads(1));
    return SplitPool.train(setup.withThreads(1), split, kernel).curve(setup.options().seed());
  }

  /// The content of `costs.json` for a pool that is there already.
  static ObjectNode json(ExperimentSetup setup, ModelArtifact artifact) {
    SplitPool pool = SplitPool.of(setup, setup.data().split(), artifact);
    return json(
        pool.curve(setup.options().seed()), recommendation(pool, setup, artifact.quantity()));
  }

  private static ExperimentResult result(
      CostCurve curve, Recommendation recommendation, Kept kept) {
    ObjectNode json = json(curve, recommendation);
    json.putObject("kept")
        .put("splits", kept.splits())
        .put("kept", kept.kept())
        .put("promised", kept.promised());
    Table table = table(curve);
    Figure figure =
        new Figure(
            ExperimentName.COSTS.label(),
            "Quality against cost",
            recommendation.text(),
            "Share of test questions answered correctly against the mean cost of a call. With"
                + " prices per token the cost follows from the length of each answer: as forecast"
                + " where a setting is chosen, as reported where it is measured. Settings of the"
                + " dial run from price alone to quality alone. Models have the color and shape of"
                + " their family, read from the name.",
            chart(curve),
            table);
    return new ExperimentResult(
        ExperimentName.COSTS,
        json,
        table,
        List.of(figure),
        List.of(
            new Block.Paragraph(promise(curve)),
            new Block.Paragraph(pool(curve)),
            new Block.Paragraph(
                "What was promised was kept on the test questions of %d of %d further splits; on %d of them a setting for cost was promised."
                    .formatted(kept.kept(), kept.splits(), kept.promised()))));
  }

  private static String promise(CostCurve curve) {
    return curve
        .operatingPoint()
        .map(point ->
            String.format(
                Locale.ROOT,
                "The setting %s promises to be at most %.0f points below %s with 95 %% confidence,"
                    + " on %,d questions with a margin of %.1f points; %s.",
                point.point().policy(),
                100 * point.promise().tolerance(),
                curve.singleBest().policy(),
                point.promise().quality().questions(),
                100 * point.promise().quality().margin(),
                Recommendation.onTest(point, curve.singleBest().policy())))
        .orElseGet(() -> "No setting is promised for cost: " + curve.nothingPromised() + ".");
  }

  private static String pool(CostCurve curve) {
    if (curve.pool().models().size() == curve.models().size()) {
      return "No model can be left out of a pool that keeps 99 % of the routed quality with 95 % confidence.";
    }
    return "The smallest pool that keeps 99 %% of the routed quality with 95 %% confidence: %s. On test it is %s above that, and saves %s of the cost."
        .formatted(
            String.join(", ", curve.pool().models()),
            Numbers.points(curve.pool().difference()),
            Numbers.percent(curve.pool().saved()));
  }

  /// The content of `costs.json`.
  private static ObjectNode json(CostCurve curve, Recommendation recommendation) {
    ObjectNode json = Numbers.object();
    points(json.putArray("points"), "policy", curve.points());
    points(json.putArray("models"), "model", curve.models());
    points(json.putArray("front"), "policy", curve.front());
    Numbers.put(json, "area", curve.area());
    point(json.putObject("singleBest"), "model", curve.singleBest());
    Optional<CostCurve.AtOperatingPoint> operating = curve.operatingPoint();
    Numbers.put(
        json,
        "costSavedAtBestSingle",
        operating.map(CostCurve.AtOperatingPoint::saved).orElse(UNKNOWN));
    if (operating.isEmpty()) {
      json.put("costSavedAtBestSingleReason", curve.nothingPromised());
      json.putNull("atBestSingle");
    } else {
      promised(json.putObject("atBestSingle"), operating.get());
    }
    ArrayNode pool = json.putArray("pool");
    curve.pool().models().forEach(pool::add);
    ObjectNode routed = json.putObject("poolRouted");
    point(routed, "policy", curve.pool().point());
    Numbers.put(routed, "costSaved", curve.pool().saved());
    Numbers.put(routed, "over99Percent", curve.pool().difference());
    routed.put("kept", curve.pool().kept());
    Numbers.put(json, "gain", curve.gain());
    json.put("verdict", recommendation.text());
    return json;
  }

  private static void promised(ObjectNode node, CostCurve.AtOperatingPoint operating) {
    point(node, "policy", operating.point());
    Numbers.put(node, "costSaved", operating.saved());
    Numbers.put(node, "difference", operating.difference());
    ObjectNode promise = node.putObject("promise");
    Numbers.put(promise, "difference", 0 - operating.promise().tolerance());
    Numbers.put(promise, "costSaved", operating.promise().savingBound());
    promise.put("confidence", 0.95);
    promise.put("questions", operating.promise().quality().questions());
    Numbers.put(promise, "margin", operating.promise().quality().margin());
    node.put("kept", operating.kept());
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
        curve.points().stream()
            .filter(point ->
                RoutingPolicies.parse(point.policy())
                    .filter(RoutingPolicy.Dial.class::isInstance)
                    .isPresent())
            .toList();
    double[] costs =
        java.util.stream.Stream.concat(dial.stream(), curve.models().stream())
            .mapToDouble(CostCurve.Point::cost)
            .toArray();
    Axis axis = Axis.of("Mean cost of a call (USD)", ValueFormat.GENERAL);
    boolean spread = Arrays.stream(costs).allMatch(cost -> cost > 0);
    return new Chart.Plane(
        spread ? axis.asLogarithmic() : axis,
        Axis.of("Questions answered correctly (%)", ValueFormat.PERCENT),
        series(dial, curve.models()),
        false);
  }

  /// The models by family, each with its name, and the router's dial. Families beyond the seven
  /// largest are one, as on the page.
  private static List<Chart.Series> series(
      List<CostCurve.Point> dial, List<CostCurve.Point> models) {
    List<String> families = Families.all(models.stream().map(CostCurve.Point::policy).toList());
    List<Chart.Series> series = new ArrayList<>();
    List<String> named = families.subList(0, Math.min(FAMILIES, families.size()));
    for (String family : named) {
      series.add(labeled(family, models, family::equals));
    }
    series.add(series("router, dial", dial));
    if (named.size() < families.size()) {
      series.add(labeled("other families", models, family -> !named.contains(family)));
    }
    return series;
  }

  private static Chart.Series labeled(
      String name, List<CostCurve.Point> models, Predicate<String> family) {
    List<CostCurve.Point> members =
        models.stream().filter(point -> family.test(Families.of(point.policy()))).toList();
    return new Chart.Series(name, series(name, members).points(), false, true);
  }

  private static Chart.Series series(String name, List<CostCurve.Point> points) {
    return new Chart.Series(
        name,
        points.stream()
            .map(p -> new Chart.Point(p.cost(), Chart.Estimate.of(p.quality()), p.policy()))
            .toList(),
        true);
  }
}
