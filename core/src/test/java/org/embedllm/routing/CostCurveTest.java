package org.embedllm.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CostCurveTest {
  @Test
  void operatingPoint_ofModelsThatDifferByQuestion_savesAndKeepsItsWord() {
    CostCurve curve = CostCurve.of(List.of(pool(2_000, 1, 2.0)), pool(2_000, 2, 2.0), 0);
    assertThat(curve.gain().interval().low()).isPositive();
    CostCurve.AtOperatingPoint point = curve.operatingPoint().orElseThrow();
    assertThat(point.promise().quality().lowerBound()).isNotNegative();
    assertThat(point.saved().value()).isGreaterThan(0.3);
    assertThat(point.saved().interval().low()).isLessThan(point.saved().value());
    assertThat(point.kept()).isTrue();
    assertThat(curve.kept()).isTrue();
    assertThat(curve.area()).isBetween(0.3, 1.0);
    assertThat(curve.points().size()).isGreaterThan(35);
    assertThat(curve.models()).hasSize(3);
  }

  @Test
  void operatingPoint_whereOneModelIsCheapestAndBest_isNone() {
    CorrectnessMatrix answers = matrix(800, 3, (random, i) -> random.nextDouble() < 0.9 - 0.2 * i);
    float[] constant = new float[800 * 3];
    for (int j = 0; j < 800; j++) {
      for (int i = 0; i < 3; i++) {
        constant[j * 3 + i] = 0.9f - 0.2f * i;
      }
    }
    var questions =
        new PricedForecasts(
            answers,
            FloatMatrix.wrap(800, 3, constant),
            new double[] {1, 2, 3},
            AnswerCounts.of(answers));
    CostCurve curve = CostCurve.of(List.of(questions), questions, 0);
    assertThat(curve.operatingPoint()).isEmpty();
    assertThat(curve.nothingPromised()).startsWith("no setting is cheaper");
    assertThat(curve.pool().models()).containsExactly("model-0");
    assertThat(curve.front()).hasSize(1);
  }

  /// With the true probabilities as forecasts the true quality of a setting is known: the mean
  /// probability of the chosen models.
  @Test
  void operatingPoint_overTwoHundredDraws_keepsItsPromiseInTruth() {
    PricedForecasts truth = pool(20_000, 99, 1.0);
    int promised = 0;
    int kept = 0;
    for (int draw = 0; draw < 200; draw++) {
      PricedForecasts evidence = pool(400, 1_000 + draw, 1.0);
      Optional<OperatingPoint> point = OperatingPoint.choose(List.of(evidence), CostCurve.dials());
      if (point.isPresent()) {
        promised++;
        double routed = expected(truth, truth.dial(point.get().dial(), truth.priced()));
        int[] single = new int[20_000];
        Arrays.fill(single, SingleBest.overall(evidence.training()).model());
        kept += routed - expected(truth, single) >= -point.get().tolerance() ? 1 : 0;
      }
    }
    assertThat(promised).isGreaterThan(50);
    assertThat(kept).isGreaterThanOrEqualTo((int) Math.ceil(0.9 * promised));
  }

  private static double expected(PricedForecasts questions, int[] choices) {
    double sum = 0;
    for (int j = 0; j < choices.length; j++) {
      sum += questions.probability(j, choices[j]);
    }
    return sum / choices.length;
  }

  @Test
  void front_ofAModelThatAnsweredTheEasyHalfAlone_isWithoutIt() {
    CorrectnessMatrix whole = matrix(400, 3, (random, i) -> i == 2 || random.nextDouble() < 0.5);
    float[][] scores = new float[400][3];
    float[] forecasts = new float[400 * 3];
    java.util.Arrays.fill(forecasts, 0.5f);
    for (int j = 0; j < 400; j++) {
      for (int i = 0; i < 3; i++) {
        scores[j][i] = i == 2 && j % 2 == 0 ? Float.NaN : whole.score(i, j);
      }
    }
    CorrectnessMatrix answers =
        CorrectnessMatrix.ofDense(whole.models(), whole.questions(), scores);
    var questions =
        new PricedForecasts(
            answers,
            FloatMatrix.wrap(400, 3, forecasts),
            new double[] {2, 3, 1},
            AnswerCounts.of(answers));
    CostCurve curve = CostCurve.of(List.of(questions), questions, 0);
    CostCurve.Point half = curve.models().get(2);
    assertThat(half.quality()).isEqualTo(1);
    assertThat(half.cost()).isEqualTo(1);
    assertThat(curve.front()).isNotEmpty().doesNotContain(half);
  }

  @Test
  void operatingPoint_whereForecastsAreWrong_isNone() {
    // The router never calls the model that is always right.
    CorrectnessMatrix answers = matrix(400, 2, (random, i) -> i == 0);
    float[] wrong = new float[400 * 2];
    for (int j = 0; j < 400; j++) {
      wrong[j * 2 + 1] = 1;
    }
    var questions =
        new PricedForecasts(
            answers,
            FloatMatrix.wrap(400, 2, wrong),
            new double[] {2, 1},
            AnswerCounts.of(answers));
    CostCurve curve = CostCurve.of(List.of(questions), questions, 0);
    assertThat(curve.operatingPoint()).isEmpty();
    assertThat(curve.nothingPromised()).contains("below model-0");
  }

  @Test
  void costs_perToken_followTheLengthOfEachQuestion() {
    List<Question> questions =
        List.of(
            new Question("short", "x".repeat(400), "b"),
            new Question("long", "x".repeat(40_001), "b"));
    CorrectnessMatrix answers =
        CorrectnessMatrix.ofDense(
            names(3), questions, new float[][] {{1, 1, 1}, {1, 1, Float.NaN}});
    ModelPrices prices =
        new ModelPrices(
            Map.of(
                "model-0", new ModelPrices.Price(10, 0, 0),
                "model-1", new ModelPrices.Price(0, 0, 0.01),
                "model-2", new ModelPrices.Price(10, 20, 0)));
    PricedForecasts priced =
        PricedForecasts.of(
            answers,
            FloatMatrix.wrap(2, 3, new float[] {.9f, .9f, .9f, .9f, .9f, .9f}),
            prices,
            100,
            AnswerCounts.of(answers));
    assertThat(priced.cost(0, 0)).isCloseTo(0.001, within(1e-15));
    assertThat(priced.cost(1, 0)).isCloseTo(0.10001, within(1e-15));
    // By price alone the short question goes to model 0, the long one to the price per call.
    assertThat(priced.choose(1, priced.priced())).containsExactly(0, 1);
    // A model's mean cost is that of the questions it answered.
    CostCurve curve = CostCurve.of(List.of(priced), priced, 0);
    assertThat(curve.models().get(2).cost()).isCloseTo(0.003, within(1e-15));
  }

  @Test
  void front_anyPoints_holdsNoneThatAnotherBeats() {
    CostCurve curve = CostCurve.of(List.of(pool(500, 3, 1.0)), pool(500, 4, 1.0), 0);
    List<CostCurve.Point> all = new ArrayList<>(curve.points());
    all.addAll(curve.models());
    for (CostCurve.Point on : curve.front()) {
      assertThat(all)
          .noneMatch(p ->
              p.cost() <= on.cost()
                  && p.quality() >= on.quality()
                  && (p.cost() < on.cost() || p.quality() > on.quality()));
    }
  }

  @Test
  void pool_smallest_keepsNinetyNinePercentWithItsBound() {
    PricedForecasts evidence = pool(1_500, 5, 2.0);
    SmallestPool pool = SmallestPool.of(List.of(evidence));
    assertThat(pool.quality().lowerBound()).isNotNegative();
    CostCurve curve = CostCurve.of(List.of(evidence), pool(1_500, 6, 2.0), 0);
    assertThat(curve.pool().models()).isEqualTo(pool.names(evidence));
    assertThat(curve.pool().kept()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(doubles = {1.0, 1.3, 2.0, 3.7, 9.0, 50.0})
  void averageBudget_anyBudget_isNeverExceeded(double budget) {
    PricedForecasts questions = pool(700, 9, 1.5);
    double price = AverageBudget.price(questions, budget);
    if (Double.isFinite(price)) {
      assertThat(questions.meanCost(price)).isLessThanOrEqualTo(budget);
    } else {
      assertThat(questions.meanCost(1e30)).isGreaterThan(budget);
    }
  }

  @Test
  void averageBudget_moreMoney_neverBuysFewerExpectedAnswers() {
    PricedForecasts questions = pool(700, 9, 1.5);
    double before = Double.POSITIVE_INFINITY;
    for (double budget = 1.1; budget < 10; budget += 0.5) {
      double price = AverageBudget.price(questions, budget);
      assertThat(price).isLessThanOrEqualTo(before);
      before = price;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void averageBudget_overRandomCandidates_isKept_andNoChoiceOfTheSameCostIsBetter(long seed) {
    var random = new SplittableRandom(seed);
    List<List<Route.Candidate>> questions = new java.util.ArrayList<>();
    for (int j = 0; j < 5; j++) {
      List<Route.Candidate> candidates = new java.util.ArrayList<>();
      for (int i = 0; i < 3; i++) {
        double p = random.nextDouble();
        candidates.add(new Route.Candidate("m" + i, p, p, p, 0.1 + random.nextDouble()));
      }
      candidates.add(new Route.Candidate("unpriced", 1, 1, 1, Double.NaN));
      questions.add(candidates);
    }
    double budget = 0.3 + 0.6 * random.nextDouble();
    AverageBudget average = AverageBudget.over(questions, budget);
    double cost = 0;
    double right = 0;
    for (List<Route.Candidate> candidates : questions) {
      Route route = average.route(candidates);
      Route.Candidate first = route.ranking().getFirst();
      assertThat(route.model()).isEqualTo(first.model()).isNotEqualTo("unpriced");
      assertThat(route.ranking().getLast().model()).isEqualTo("unpriced");
      cost += first.cost() / 5;
      right += first.probability();
    }
    assertThat(average.meanCost()).isCloseTo(cost, within(1e-12));
    if (Double.isInfinite(average.price())) {
      assertThat(cost).isGreaterThan(budget);
      return;
    }
    assertThat(cost).isLessThanOrEqualTo(budget + 1e-12);
    // Brute force over all 3^5 choices that cost no more.
    for (int choice = 0; choice < 243; choice++) {
      double otherCost = 0;
      double otherRight = 0;
      for (int j = 0, rest = choice; j < 5; j++, rest /= 3) {
        otherCost += questions.get(j).get(rest % 3).cost() / 5;
        otherRight += questions.get(j).get(rest % 3).probability();
      }
      if (otherCost <= cost) {
        assertThat(otherRight).isLessThanOrEqualTo(right + 1e-9);
      }
    }
  }

  @Test
  void averageBudget_belowTheCheapest_takesTheCheapestAndSaysSo() {
    List<Route.Candidate> candidates =
        List.of(
            new Route.Candidate("dear", 0.9, 0.9, 0.9, 2),
            new Route.Candidate("cheap", 0.2, 0.2, 0.2, 1));
    AverageBudget average = AverageBudget.over(List.of(candidates), 0.5);
    assertThat(average.price()).isInfinite();
    assertThat(average.route(candidates).model()).isEqualTo("cheap");
    assertThat(average.route(candidates).reason()).contains("$1").contains("$0.5");
    assertThatThrownBy(() -> AverageBudget.over(List.of(), 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() ->
            AverageBudget.over(List.of(List.of(new Route.Candidate("m", 1, 1, 1, Double.NaN))), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("price");
  }

  @Test
  void dial_ofAPrice_weighsLikeIt() {
    assertThat(AverageBudget.dial(0, 5).quality()).isEqualTo(1);
    assertThat(AverageBudget.dial(Double.POSITIVE_INFINITY, 5).quality()).isZero();
    double q = AverageBudget.dial(0.2, 5).quality();
    assertThat((1 - q) / (q * 5)).isCloseTo(0.2, within(1e-12));
  }

  @Test
  void area_straightLine_isItsMiddle() {
    assertThat(
            CostCurve.area(
                List.of(new CostCurve.Point("b", 3, 0.9), new CostCurve.Point("a", 1, 0.5))))
        .isCloseTo(0.7, within(1e-12));
  }

  @Test
  void pricedForecasts_noPriceOrANegativeOne_isRefused() {
    CorrectnessMatrix answers = matrix(5, 1, (random, i) -> true);
    FloatMatrix half = FloatMatrix.wrap(5, 1, new float[5]);
    AnswerCounts counts = AnswerCounts.of(answers);
    assertThatThrownBy(() -> new PricedForecasts(answers, half, new double[] {Double.NaN}, counts))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("price");
    assertThatThrownBy(() -> new PricedForecasts(answers, half, new double[] {-1}, counts))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private interface Outcome {
    boolean right(SplittableRandom random, int model);
  }

  private static CorrectnessMatrix matrix(int n, int m, Outcome outcome) {
    var random = new SplittableRandom(n);
    float[][] scores = new float[n][m];
    List<Question> questions = new ArrayList<>();
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < m; i++) {
        scores[j][i] = outcome.right(random, i) ? 1 : 0;
      }
      questions.add(new Question("q" + j, "t" + j, "b"));
    }
    return CorrectnessMatrix.ofDense(names(m), questions, scores);
  }

  private static List<String> names(int m) {
    return java.util.stream.IntStream.range(0, m).mapToObj(i -> "model-" + i).toList();
  }

  /// Three models, dearer is better on average, each better on its own questions.
  private static PricedForecasts pool(int n, long seed, double taste) {
    var random = new SplittableRandom(seed);
    float[][] scores = new float[n][3];
    float[] forecasts = new float[n * 3];
    List<Question> questions = new ArrayList<>();
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < 3; i++) {
        double logit = 0.3 * i + taste * random.nextGaussian();
        double p = 1 / (1 + Math.exp(-logit));
        forecasts[j * 3 + i] = (float) p;
        scores[j][i] = random.nextDouble() < p ? 1 : 0;
      }
      questions.add(new Question("q" + j, "t" + j, "b"));
    }
    CorrectnessMatrix answers = CorrectnessMatrix.ofDense(names(3), questions, scores);
    return new PricedForecasts(
        answers,
        FloatMatrix.wrap(n, 3, forecasts),
        new double[] {1, 3, 10},
        AnswerCounts.of(answers));
  }
}
