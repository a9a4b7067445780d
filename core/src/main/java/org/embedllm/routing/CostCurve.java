package org.embedllm.routing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.forecast.Estimate;
import org.embedllm.forecast.QuestionBootstrap;

/// Quality against cost for every setting of the dial and every single model, with a verdict.
/// Settings are chosen on validation questions and reported on test questions.
///
/// @param points the dial from price alone to quality alone, and targets of the cheapest policy
/// @param models each model with a known price, always called
/// @param front the points and models that nothing else beats in both, by rising cost; only models
///   that answered at least 90 % of the test questions, since others may have answered easier ones
/// @param area under the dial's curve: its quality averaged over all mean costs between the
///   cheapest and the most expensive setting, as a share; NaN where all cost the same
/// @param singleBest the best single model on training questions
/// @param costSavedAtBestSingle share of the single best model's cost saved by the cheapest setting
///   that is as good as it on validation, measured on test; empty where no setting is
/// @param matched that setting, on test
/// @param gain quality of the best router over the single best model, paired
/// @param pool the smallest pool, found greedily on validation, whose routed quality is at least 99
///   % of the whole pool's
/// @param poolPoint that pool routed by quality, on test
/// @param route whether routing is worth it
/// @param verdict the same in words, with its evidence
public record CostCurve(
    List<Point> points,
    List<Point> models,
    List<Point> front,
    double area,
    Point singleBest,
    OptionalDouble costSavedAtBestSingle,
    Point matched,
    Estimate gain,
    List<String> pool,
    Point poolPoint,
    boolean route,
    String verdict) {
  private static final int STEPS = 40;

  public CostCurve {
    points = List.copyOf(points);
    models = List.copyOf(models);
    front = List.copyOf(front);
    pool = List.copyOf(pool);
  }

  /// A way to choose models, with its cost and quality.
  ///
  /// @param policy the policy: `dial 0.50`, `cheapest 0.70`, or a model's name
  /// @param cost mean USD a call
  /// @param quality share of right answers
  public record Point(String policy, double cost, double quality) {}

  /// @param validation where settings are chosen
  /// @param test where they are measured
  /// @param seed of the resamples
  public static CostCurve of(PricedForecasts validation, PricedForecasts test, long seed) {
    double highest = test.highestCost();
    List<Point> dial = new ArrayList<>();
    List<Double> prices = prices(highest);
    for (double price : prices) {
      dial.add(
          test.point(name("dial", quality(price, highest)), test.choose(price, test.priced())));
    }
    List<Point> points = new ArrayList<>(dial);
    for (double target = 0.5; target < 0.96; target += 0.1) {
      points.add(test.point(name("cheapest", target), test.cheapest(target)));
    }
    List<Point> models = models(test);
    int[] single = test.singleBest();
    Point singleBest =
        test.point(
            test.answers().models().get(SingleBest.overall(test.training()).model()), single);
    double matchedPrice = matched(validation, prices);
    int[] matchedChoices =
        Double.isNaN(matchedPrice) ? single : test.choose(matchedPrice, test.priced());
    Point matched =
        test.point(
            Double.isNaN(matchedPrice)
                ? singleBest.policy()
                : name("dial", quality(matchedPrice, highest)),
            matchedChoices);
    OptionalDouble saved =
        Double.isNaN(matchedPrice) || !(singleBest.cost() > 0)
            ? OptionalDouble.empty()
            : OptionalDouble.of(1 - matched.cost() / singleBest.cost());
    int[] best = test.choose(0, test.priced());
    List<Estimate> differences = differences(test, single, best, matchedChoices, seed);
    boolean[] pool = SmallestPool.of(validation);
    Point poolPoint = test.point("pool", test.choose(0, pool));
    List<Point> all = new ArrayList<>(points);
    AnswerCounts answered = AnswerCounts.of(test.answers());
    models.stream().filter(model -> comparable(model, answered)).forEach(all::add);
    CostVerdict verdict =
        CostVerdict.of(singleBest, test.point("best", best), matched, saved, differences);
    return new CostCurve(
        points,
        models,
        front(all),
        area(dial),
        singleBest,
        saved,
        matched,
        differences.getFirst(),
        SmallestPool.names(test, pool),
        poolPoint,
        verdict.route(),
        verdict.text());
  }

  /// Prices of a dollar from quality alone to price alone, evenly spread in their logarithm.
  private static List<Double> prices(double highest) {
    List<Double> prices = new ArrayList<>();
    prices.add(0.0);
    double unit = highest > 0 ? 1 / highest : 1;
    for (int step = 0; step <= STEPS; step++) {
      prices.add(unit * Math.pow(10, -3 + 7.0 * step / STEPS));
    }
    return prices;
  }

  /// Why [#costSavedAtBestSingle] is empty.
  ///
  /// @throws IllegalStateException where it is not
  public String nothingSaved() {
    if (costSavedAtBestSingle.isPresent()) {
      throw new IllegalStateException("there is a setting: " + matched);
    }
    return CostVerdict.notSaved(singleBest);
  }

  private static double quality(double price, double highest) {
    return 1 / (1 + price * highest);
  }

  private static String name(String policy, double value) {
    return String.format(Locale.ROOT, "%s %.4f", policy, value);
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

  /// The highest price whose routed quality on validation is at least the single best model's; NaN
  /// where there is none.
  private static double matched(PricedForecasts validation, List<Double> prices) {
    double wanted = validation.point("", validation.singleBest()).quality();
    double chosen = Double.NaN;
    for (double price : prices) {
      if (validation.point("", validation.choose(price, validation.priced())).quality() >= wanted) {
        chosen = price;
      }
    }
    return chosen;
  }

  /// Gains of the best router and of the matched setting over the single best model, paired.
  private static List<Estimate> differences(
      PricedForecasts test, int[] single, int[] best, int[] matched, long seed) {
    CorrectnessMatrix answers = test.answers();
    int n = answers.questionCount();
    double[][] values = new double[2][n];
    boolean[] counts = new boolean[n];
    for (int j = 0; j < n; j++) {
      counts[j] = single[j] >= 0 && best[j] >= 0 && matched[j] >= 0;
      if (counts[j]) {
        double base = right(answers, single[j], j);
        values[0][j] = right(answers, best[j], j) - base;
        values[1][j] = right(answers, matched[j], j) - base;
      }
    }
    return new QuestionBootstrap(n, QuestionBootstrap.RESAMPLES, seed)
        .estimates(
            2,
            (drawn, into) -> {
              double[] sums = new double[2];
              long total = 0;
              for (int j = 0; j < n; j++) {
                if (counts[j]) {
                  sums[0] += drawn[j] * values[0][j];
                  sums[1] += drawn[j] * values[1][j];
                  total += drawn[j];
                }
              }
              into[0] = total == 0 ? Double.NaN : sums[0] / total;
              into[1] = total == 0 ? Double.NaN : sums[1] / total;
            });
  }

  private static double right(CorrectnessMatrix answers, int model, int question) {
    return CorrectnessMatrix.isCorrect(answers.score(model, question)) ? 1 : 0;
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
