package org.embedllm.forecast;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Every number against a plain computation over a list of cells.
class ForecastEvaluationTest {
  private static final Offset<Double> TINY = within(1e-9);

  private static final String ANY = "any";

  private record Cell(int question, int model, double p, double score, String benchmark) {
    boolean label() {
      return score >= 0.5;
    }
  }

  private static List<Cell> cells(CorrectnessMatrix answers, FloatMatrix probabilities) {
    List<Cell> cells = new ArrayList<>();
    for (int j = 0; j < answers.questionCount(); j++) {
      for (int i = 0; i < answers.modelCount(); i++) {
        float score = answers.score(i, j);
        if (!Float.isNaN(score)) {
          String benchmark = answers.questions().get(j).benchmark();
          cells.add(new Cell(j, i, probabilities.get(j, i), score, benchmark));
        }
      }
    }
    return cells;
  }

  private static double share(List<Cell> cells, java.util.function.Predicate<Cell> condition) {
    return (double) cells.stream().filter(condition).count() / cells.size();
  }

  private static boolean majority(List<Cell> train) {
    return 2 * train.stream().filter(Cell::label).count() >= train.size();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void evaluation_onRandomAnswers_agreesWithAPlainComputation(long seed) {
    CorrectnessMatrix train = RandomAnswers.answers(60, 5, 0.3, seed);
    CorrectnessMatrix test = RandomAnswers.answers(41, 5, 0.2, seed + 100);
    FloatMatrix probabilities = RandomAnswers.probabilities(41, 5, seed + 200);
    NeighborVotes votes = RandomAnswers.votes(41, 5, seed + 300);
    ForecastEvaluation got =
        ForecastEvaluation.of(
            test, probabilities, AnswerCounts.of(train), Optional.of(votes), seed);
    List<Cell> cells = cells(test, probabilities);
    List<Cell> trained = cells(train, RandomAnswers.probabilities(60, 5, 0));

    assertThat(got.cells()).isEqualTo(cells.size());
    assertThat(got.accuracy().value())
        .isCloseTo(share(cells, c -> c.p() >= 0.5 == c.label()), TINY);
    assertThat(got.logLoss().value())
        .isCloseTo(
            cells.stream()
                .mapToDouble(c -> {
                  double p = Math.min(1 - 1e-7, Math.max(1e-7, c.p()));
                  return -(c.score() * Math.log(p) + (1 - c.score()) * Math.log(1 - p));
                })
                .average()
                .orElseThrow(),
            TINY);
    assertThat(got.brier().value())
        .isCloseTo(
            cells.stream().mapToDouble(c -> Math.pow(c.p() - c.score(), 2)).average().orElseThrow(),
            TINY);
    assertThat(got.auc()).isCloseTo(auc(cells), TINY);
    assertThat(got.calibration().error()).isCloseTo(calibrationError(cells), TINY);
    assertThat(got.majorityPerModel().value())
        .isCloseTo(share(cells, c -> majority(of(trained, c.model(), ANY)) == c.label()), TINY);
    assertThat(got.majorityPerModelAndBenchmark().value())
        .isCloseTo(share(cells, c -> benchmarkMajority(trained, c) == c.label()), TINY);
    assertThat(got.neighbors().orElseThrow().k()).isEqualTo(4);
    assertThat(got.neighbors().orElseThrow().accuracy().value())
        .isCloseTo(share(cells, c -> vote(votes, trained, c) == c.label()), TINY);
    assertThat(got.perBenchmark().keySet())
        .containsExactly("benchmark-0", "benchmark-1", "benchmark-2");
    got.perBenchmark()
        .forEach((name, row) -> {
          List<Cell> own = cells.stream().filter(c -> c.benchmark().equals(name)).toList();
          assertThat(row.cells()).isEqualTo(own.size());
          assertThat(row.accuracy().value())
              .isCloseTo(share(own, c -> c.p() >= 0.5 == c.label()), TINY);
        });
    for (int i = 0; i < 5; i++) {
      List<Cell> own = of(cells, i, ANY);
      ForecastEvaluation.OfModel row = requireNonNull(got.perModel().get("model-" + i));
      assertThat(row.cells()).isEqualTo(own.size());
      assertThat(row.forecastAccuracy().value())
          .isCloseTo(share(own, c -> c.p() >= 0.5 == c.label()), TINY);
      assertThat(row.observedAccuracy().value()).isCloseTo(share(own, Cell::label), TINY);
      assertThat(row.predictedAccuracy().value())
          .isCloseTo(own.stream().mapToDouble(Cell::p).average().orElseThrow(), TINY);
    }
  }

  private static List<Cell> of(List<Cell> cells, int model, String benchmark) {
    return cells.stream()
        .filter(
            c -> c.model() == model && (benchmark.equals(ANY) || c.benchmark().equals(benchmark)))
        .toList();
  }

  private static boolean benchmarkMajority(List<Cell> trained, Cell c) {
    List<Cell> own = c.benchmark().isEmpty() ? List.of() : of(trained, c.model(), c.benchmark());
    return majority(own.isEmpty() ? of(trained, c.model(), ANY) : own);
  }

  private static boolean vote(NeighborVotes votes, List<Cell> trained, Cell c) {
    float share = votes.shares().get(c.question(), c.model());
    return share > 0.5f
        || ((Float.isNaN(share) || share == 0.5f) && majority(of(trained, c.model(), ANY)));
  }

  private static double auc(List<Cell> cells) {
    double wins = 0;
    double pairs = 0;
    for (Cell right : cells) {
      for (Cell wrong : cells) {
        if (right.label() && !wrong.label()) {
          pairs++;
          wins += right.p() > wrong.p() ? 1 : right.p() == wrong.p() ? 0.5 : 0;
        }
      }
    }
    return wins / pairs;
  }

  private static double calibrationError(List<Cell> cells) {
    List<Cell> sorted = new ArrayList<>(cells);
    sorted.sort(Comparator.comparingDouble(Cell::p));
    double error = 0;
    int small = sorted.size() / 15;
    int from = 0;
    for (int bin = 0; bin < 15; bin++) {
      List<Cell> own = sorted.subList(from, from + small + (bin < sorted.size() % 15 ? 1 : 0));
      from += own.size();
      error +=
          Math.abs(
              own.stream().mapToDouble(Cell::p).sum()
                  - own.stream().mapToDouble(Cell::score).sum());
    }
    return error / sorted.size();
  }

  @Test
  void interval_ofAnAccuracy_agreesWithTheNormalApproximation() {
    CorrectnessMatrix test = RandomAnswers.answers(2_000, 1, 0, 5);
    FloatMatrix probabilities = RandomAnswers.probabilities(2_000, 1, 6);
    Estimate accuracy =
        ForecastEvaluation.of(test, probabilities, AnswerCounts.of(test), Optional.empty(), 7)
            .accuracy();
    double p = accuracy.value();
    double half = 1.96 * Math.sqrt(p * (1 - p) / 2_000);
    assertThat(accuracy.interval().low()).isCloseTo(p - half, within(0.004));
    assertThat(accuracy.interval().high()).isCloseTo(p + half, within(0.004));
  }

  @Test
  void interval_whenAnswersToAQuestionAgree_isNotNarrowedByMoreModels() {
    // Ten models that answer every question alike carry no more evidence than one.
    CorrectnessMatrix one = RandomAnswers.answers(500, 1, 0, 9);
    List<String> names = new ArrayList<>();
    float[][] scores = new float[500][10];
    for (int j = 0; j < 500; j++) {
      java.util.Arrays.fill(scores[j], one.score(0, j));
    }
    for (int i = 0; i < 10; i++) {
      names.add("copy-" + i);
    }
    CorrectnessMatrix ten = CorrectnessMatrix.ofDense(names, one.questions(), scores);
    float[] halves = new float[5_000];
    java.util.Arrays.fill(halves, 0.6f);
    Interval wide =
        ForecastEvaluation.of(
                ten, FloatMatrix.wrap(500, 10, halves), AnswerCounts.of(ten), Optional.empty(), 1)
            .accuracy()
            .interval();
    Interval single =
        ForecastEvaluation.of(
                one,
                FloatMatrix.wrap(500, 1, java.util.Arrays.copyOf(halves, 500)),
                AnswerCounts.of(one),
                Optional.empty(),
                1)
            .accuracy()
            .interval();
    assertThat(wide.low()).isEqualTo(single.low());
    assertThat(wide.high()).isEqualTo(single.high());
  }

  @Test
  void evaluation_withTheSameSeed_isTheSame() {
    CorrectnessMatrix test = RandomAnswers.answers(50, 4, 0.2, 1);
    FloatMatrix probabilities = RandomAnswers.probabilities(50, 4, 2);
    AnswerCounts counts = AnswerCounts.of(test);
    assertThat(ForecastEvaluation.of(test, probabilities, counts, Optional.empty(), 3))
        .isEqualTo(ForecastEvaluation.of(test, probabilities, counts, Optional.empty(), 3));
  }

  @Test
  void model_withoutAnswers_hasNoNumbersRatherThanZeros() {
    CorrectnessMatrix test =
        RandomAnswers.answers(20, 2, 0, 1).withModels(List.of("model-1", "absent", "model-0"));
    AnswerCounts counts = AnswerCounts.of(test);
    ForecastEvaluation got =
        ForecastEvaluation.of(
            test, RandomAnswers.probabilities(20, 3, 1), counts, Optional.empty(), 1);
    assertThat(got.models()).isEqualTo(2);
    ForecastEvaluation.OfModel absent = requireNonNull(got.perModel().get("absent"));
    assertThat(absent.cells()).isZero();
    assertThat(absent.observedAccuracy().value()).isNaN();
    assertThat(absent.observedAccuracy().interval().low()).isNaN();
  }

  @Test
  void calibration_ofPerfectForecasts_isWhatChanceLeaves() {
    java.util.Random random = new java.util.Random(4);
    float[] probabilities = new float[20_000];
    float[] outcomes = new float[probabilities.length];
    for (int c = 0; c < outcomes.length; c++) {
      probabilities[c] = random.nextFloat();
      outcomes[c] = random.nextFloat() < probabilities[c] ? 1 : 0;
    }
    int[] questions = java.util.stream.IntStream.range(0, outcomes.length).toArray();
    Calibration calibration = Calibration.of(probabilities, outcomes, questions, 1);
    assertThat(calibration.error()).isLessThan(0.02);
    assertThat(calibration.errorIfPerfect()).isBetween(0.004, 0.015);
    assertThat(calibration.bins()).hasSize(15);
    assertThat(calibration.bins().stream().mapToInt(Calibration.Bin::cells).sum())
        .isEqualTo(20_000);
  }

  @Test
  void calibration_ofModelsThatAreRightTogether_countsAQuestionOnce() {
    java.util.Random random = new java.util.Random(9);
    int models = 10;
    float[] probabilities = new float[models * 3_000];
    float[] outcomes = new float[probabilities.length];
    int[] questions = new int[probabilities.length];
    int[] apart = java.util.stream.IntStream.range(0, probabilities.length).toArray();
    for (int j = 0; j < 3_000; j++) {
      float right = random.nextFloat() < 0.6f ? 1 : 0;
      for (int i = 0; i < models; i++) {
        probabilities[models * j + i] = j / 3_000f;
        outcomes[models * j + i] = right;
        questions[models * j + i] = j;
      }
    }
    Calibration.Bin together =
        Calibration.of(probabilities, outcomes, questions, 1).bins().getFirst();
    Calibration.Bin alone = Calibration.of(probabilities, outcomes, apart, 1).bins().getFirst();
    var close = new org.assertj.core.util.DoubleComparator(1e-9);
    // 200 questions in a bin, ten cells each.
    assertThat(together.interval())
        .usingRecursiveComparison()
        .withComparatorForType(close, Double.class)
        .isEqualTo(Interval.ofShare(together.meanScore(), 200));
    assertThat(alone.interval())
        .usingRecursiveComparison()
        .withComparatorForType(close, Double.class)
        .isEqualTo(Interval.ofShare(alone.meanScore(), 2_000));
  }

  @Test
  void calibration_ofAnswersThatAreAllRight_countsAQuestionOnce() {
    int cells = 15 * 20;
    float[] ones = new float[cells];
    java.util.Arrays.fill(ones, 1f);
    int[] questions = java.util.stream.IntStream.range(0, cells).map(c -> c / 5).toArray();
    assertThat(Calibration.of(ones, ones, questions, 1).bins())
        .extracting(Calibration.Bin::interval)
        .containsOnly(Interval.ofShare(1, 4));
  }
}
