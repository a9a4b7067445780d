package org.embedllm.routing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.forecast.Estimate;
import org.embedllm.forecast.QuestionBootstrap;

/// Quality against cost for every setting of the dial, beside every single model, and the settings
/// that promise something. They are chosen on questions whose forecasts did not see their answers,
/// and reported on test questions.
///
/// @param points the dial from quality alone to price alone, and targets of the cheapest policy
/// @param models each model with a known price, always called
/// @param front the points and models that nothing else beats in both, by rising cost; only models
///   that answered at least 90 % of the test questions, since others may have answered easier ones
/// @param area under the dial's curve: its quality averaged over all mean costs between the
///   cheapest and the most expensive setting, as a share; NaN where all cost the same
/// @param singleBest the best single model on training questions
/// @param gain quality of the router by quality alone over the single best model, paired
/// @param operatingPoint the cheapest setting that is as good as the single best model with 95 %
///   confidence, and what it does on test; empty where no setting is
/// @param pool the smallest pool that keeps 99 % of the routed quality with 95 % confidence
public record CostCurve(
    List<Point> points,
    List<Point> models,
    List<Point> front,
    double area,
    Point singleBest,
    Estimate gain,
    Optional<AtOperatingPoint> operatingPoint,
    Pool pool) {
  private static final int STEPS = 40;

  public CostCurve {
    points = List.copyOf(points);
    models = List.copyOf(models);
    front = List.copyOf(front);
  }

  /// A way to choose models, with its cost and quality.
  ///
  /// @param policy the policy: `dial@0.5`, `cheapest@0.7`, or a model's name
  /// @param cost mean USD a call
  /// @param quality share of right answers
  public record Point(String policy, double cost, double quality) {}

  /// An operating point on test.
  ///
  /// @param promise what was chosen, and what it promises
  /// @param point mean cost and quality
  /// @param saved share of the single best model's cost saved
  /// @param difference quality minus that of the single best model, paired
  /// @param kept whether the test does not contradict the promise
  public record AtOperatingPoint(
      OperatingPoint promise, Point point, Estimate saved, Estimate difference, boolean kept) {}

  /// A pool on test.
  ///
  /// @param models its models
  /// @param point mean cost and quality, routed by quality
  /// @param saved share of the whole pool's cost saved, routed likewise
  /// @param difference quality minus 99 % of the whole pool's, paired
  /// @param kept whether the test does not contradict that this is at least 0
  public record Pool(
      List<String> models, Point point, Estimate saved, Estimate difference, boolean kept) {
    public Pool {
      models = List.copyOf(models);
    }
  }

  /// Whether the test contradicts none of the promises.
  public boolean kept() {
    return pool.kept() && operatingPoint.map(AtOperatingPoint::kept).orElse(true);
  }

  /// @param evidence where settings are chosen, with forecasts that did not see their answers
  /// @param test where they are measured
  /// @param seed of the resamples
  public static CostCurve of(List<PricedForecasts> evidence, PricedForecasts test, long seed) {
    var bootstrap =
        new QuestionBootstrap(test.answers().questionCount(), QuestionBootstrap.RESAMPLES, seed);
    List<Double> dials = dials();
    List<Point> dial = new ArrayList<>();
    for (double quality : dials) {
      dial.add(
          test.point(
              RoutingPolicies.format(new RoutingPolicy.Dial(quality)),
              test.dial(quality, test.priced())));
    }
    List<Point> points = new ArrayList<>(dial);
    for (int percent = 50; percent < 96; percent += 10) {
      double target = percent / 100.0;
      points.add(
          test.point(
              RoutingPolicies.format(new RoutingPolicy.Cheapest(target)), test.cheapest(target)));
    }
    List<Point> models = models(test);
    int[] single = test.singleBest();
    Point singleBest =
        test.point(
            test.answers().models().get(SingleBest.overall(test.training()).model()), single);
    int[] best = test.choose(0, test.priced());
    List<Point> all = new ArrayList<>(points);
    AnswerCounts answered = AnswerCounts.of(test.answers());
    models.stream().filter(model -> comparable(model, answered)).forEach(all::add);
    return new CostCurve(
        points,
        models,
        front(all),
        area(dial),
        singleBest,
        bootstrap.meanDifference(differences(test, best, single)),
        OperatingPoint.choose(evidence, dials)
            .map(promise -> measured(promise, test, single, bootstrap)),
        measured(SmallestPool.of(evidence), test, best, bootstrap));
  }

  /// The operating point alone.
  ///
  /// @param evidence where it is chosen, with forecasts that did not see their answers
  /// @param test where it is measured
  /// @param seed of the resamples
  /// @return empty where there is none
  public static Optional<AtOperatingPoint> operatingPoint(
      List<PricedForecasts> evidence, PricedForecasts test, long seed) {
    var bootstrap =
        new QuestionBootstrap(test.answers().questionCount(), QuestionBootstrap.RESAMPLES, seed);
    return OperatingPoint.choose(evidence, dials())
        .map(promise -> measured(promise, test, test.singleBest(), bootstrap));
  }

  private static AtOperatingPoint measured(
      OperatingPoint promise, PricedForecasts test, int[] single, QuestionBootstrap bootstrap) {
    int[] choices = test.dial(promise.dial(), test.priced());
    return new AtOperatingPoint(
        promise,
        test.point(RoutingPolicies.format(new RoutingPolicy.Dial(promise.dial())), choices),
        saved(test, choices, single),
        bootstrap.meanDifference(differences(test, choices, single)),
        !promise.brokenOn(test));
  }

  private static Pool measured(
      SmallestPool pool, PricedForecasts test, int[] best, QuestionBootstrap bootstrap) {
    int[] choices = test.choose(0, pool.allowed());
    return new Pool(
        pool.names(test),
        test.point("pool", choices),
        saved(test, choices, best),
        bootstrap.meanDifference(pool.differences(test)),
        !pool.brokenOn(test));
  }

  private static Estimate saved(PricedForecasts test, int[] choices, int[] others) {
    Saving saving = Saving.of(test.costs(choices), test.costs(others));
    return new Estimate(saving.value(), saving.interval());
  }

  private static double[] differences(PricedForecasts test, int[] choices, int[] others) {
    double[] right = test.right(choices);
    double[] otherRight = test.right(others);
    for (int j = 0; j < right.length; j++) {
      right[j] -= otherRight[j];
    }
    return right;
  }

  /// Settings from quality alone to price alone, evenly spread in the logarithm of the price, with
  /// four digits, so that each can be written down.
  static List<Double> dials() {
    List<Double> dials = new ArrayList<>();
    dials.add(1.0);
    for (int step = 0; step <= STEPS; step++) {
      double price = Math.pow(10, -3 + 7.0 * step / STEPS);
      double quality = Math.round(1e4 / (1 + price)) / 1e4;
      if (quality < dials.getLast()) {
        dials.add(quality);
      }
    }
    return dials;
  }

  private static List<Point> models(PricedForecasts test) {
    List<Point> models = new ArrayList<>();
    boolean[] priced = test.priced();
    int m = priced.length;
    for (int i = 0; i < m; i++) {
      if (priced[i]) {
        boolean[] alone = new boolean[m];
        alone[i] = true;
        models.add(test.point(test.answers().models().get(i), test.choose(0, alone)));
      }
    }
    models.removeIf(point -> Double.isNaN(point.quality()));
    return models;
  }

  private static boolean comparable(Point model, AnswerCounts answered) {
    int row = answered.models().indexOf(model.policy());
    return answered.cells(row) >= SingleBest.COVERAGE * answered.questions();
  }

  /// Why there is no operating point.
  ///
  /// @throws IllegalStateException where there is one
  public String nothingPromised() {
    if (operatingPoint.isPresent()) {
      throw new IllegalStateException("there is a setting: " + operatingPoint.get().promise());
    }
    return singleBest.cost() > 0
        ? "no setting is cheaper and, with 95 %% confidence, at most %s point below %s"
            .formatted(
                String.format(Locale.ROOT, "%.0f", 100 * OperatingPoint.TOLERANCES.getLast()),
                singleBest.policy())
        : singleBest.policy() + " costs nothing";
  }

  /// The Pareto front of cost and quality.
  static List<Point> front(List<Point> points) {
    List<Point> sorted = new ArrayList<>(points);
    sorted.removeIf(point -> Double.isNaN(point.quality()));
    sorted.sort(
        Comparator.comparingDouble(Point::cost)
            .thenComparing(Comparator.comparingDouble(Point::quality).reversed()));
    List<Point> front = new ArrayList<>();
    double highest = Double.NEGATIVE_INFINITY;
    for (Point point : sorted) {
      if (point.quality() > highest) {
        front.add(point);
        highest = point.quality();
      }
    }
    return front;
  }

  /// Trapezoids under the points by rising cost, divided by the range of costs.
  static double area(List<Point> points) {
    Point[] sorted = points.toArray(Point[]::new);
    Arrays.sort(sorted, Comparator.comparingDouble(Point::cost));
    double range = sorted[sorted.length - 1].cost() - sorted[0].cost();
    double sum = 0;
    for (int i = 1; i < sorted.length; i++) {
      sum +=
          (sorted[i].cost() - sorted[i - 1].cost())
              * (sorted[i].quality() + sorted[i - 1].quality())
              / 2;
    }
    return range > 0 ? sum / range : Double.NaN;
  }
}
