package org.embedllm.routing;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.forecast.NeighborVotes;
import org.embedllm.forecast.RandomAnswers;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Every number against a plain computation question by question.
class RoutingEvaluationTest {
  private static final String ANY = "any";
  private static final Offset<Double> TINY = within(1e-9);

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void evaluation_onRandomAnswers_agreesWithAPlainComputation(long seed) {
    CorrectnessMatrix train = RandomAnswers.answers(80, 5, seed % 2 == 0 ? 0.05 : 0.3, seed);
    CorrectnessMatrix test = RandomAnswers.answers(50, 5, 0.4, seed + 100);
    FloatMatrix probabilities = RandomAnswers.probabilities(50, 5, seed + 200);
    NeighborVotes votes = RandomAnswers.votes(50, 5, seed + 300);
    AnswerCounts counts = AnswerCounts.of(train);
    RoutingEvaluation got =
        RoutingEvaluation.of(test, probabilities, counts, Optional.of(votes), seed);

    int[] answered = IntStream.range(0, 50).filter(j -> !candidates(test, j).isEmpty()).toArray();
    check(got, test, probabilities, votes, train, answered);
    for (String benchmark : test.benchmarks()) {
      int[] own =
          IntStream.of(answered)
              .filter(j -> test.questions().get(j).benchmark().equals(benchmark))
              .toArray();
      RoutingEvaluation.OnBenchmark row = requireNonNull(got.perBenchmark().get(benchmark));
      assertThat(row.questions()).isEqualTo(own.length);
      assertThat(row.router().value())
          .isCloseTo(mean(own, j -> right(test, routed(test, probabilities, train, j), j)), TINY);
      List<Integer> order = order(train, benchmark);
      assertThat(row.singleBestModel()).isEqualTo("model-" + order.getFirst());
      assertThat(row.singleBest().value())
          .isCloseTo(mean(own, j -> right(test, first(order, test, j), j)), TINY);
      assertThat(row.weightedRandom().value())
          .isCloseTo(weightedRandom(test, probabilities, train, own), TINY);
      assertThat(row.oracle().value()).isCloseTo(mean(own, j -> oracle(test, j)), TINY);
    }
  }

  private static void check(
      RoutingEvaluation got,
      CorrectnessMatrix test,
      FloatMatrix probabilities,
      NeighborVotes votes,
      CorrectnessMatrix train,
      int[] answered) {
    List<Integer> order = order(train, ANY);
    assertThat(got.questions()).isEqualTo(answered.length);
    assertThat(got.router().value())
        .isCloseTo(
            mean(answered, j -> right(test, routed(test, probabilities, train, j), j)), TINY);
    assertThat(got.singleBestModel()).isEqualTo("model-" + order.getFirst());
    assertThat(got.singleBest().value())
        .isCloseTo(mean(answered, j -> right(test, first(order, test, j), j)), TINY);
    assertThat(got.fallbacks())
        .isEqualTo(
            (int)
                IntStream.of(answered)
                    .filter(j -> first(order, test, j) != order.getFirst())
                    .count());
    assertThat(got.random().value())
        .isCloseTo(
            mean(
                answered,
                j ->
                    candidates(test, j).stream()
                        .mapToDouble(i -> right(test, i, j))
                        .average()
                        .orElseThrow()),
            TINY);
    assertThat(got.oracle().value()).isCloseTo(mean(answered, j -> oracle(test, j)), TINY);
    assertThat(got.weightedRandom().value())
        .isCloseTo(weightedRandom(test, probabilities, train, answered), TINY);
    assertThat(got.neighbors().orElseThrow().value())
        .isCloseTo(mean(answered, j -> right(test, voted(test, votes, train, j), j)), TINY);
    assertThat(got.gain().value()).isCloseTo(got.router().value() - got.singleBest().value(), TINY);
    assertThat(got.share().values().stream().mapToDouble(Double::doubleValue).sum())
        .isCloseTo(1, TINY);
  }

  private interface OfQuestion {
    double value(int question);
  }

  private static double mean(int[] questions, OfQuestion number) {
    return IntStream.of(questions).mapToDouble(number::value).average().orElseThrow();
  }

  private static double right(CorrectnessMatrix answers, int model, int question) {
    return answers.score(model, question) >= 0.5f ? 1 : 0;
  }

  private static double oracle(CorrectnessMatrix answers, int question) {
    return candidates(answers, question).stream()
        .mapToDouble(i -> right(answers, i, question))
        .max()
        .orElseThrow();
  }

  private static List<Integer> candidates(CorrectnessMatrix answers, int question) {
    return IntStream.range(0, answers.modelCount())
        .filter(i -> !Float.isNaN(answers.score(i, question)))
        .boxed()
        .toList();
  }

  private static double accuracy(CorrectnessMatrix train, int model, String benchmark) {
    int cells = 0;
    double correct = 0;
    for (int j = 0; j < train.questionCount(); j++) {
      boolean counts =
          benchmark.equals(ANY) || train.questions().get(j).benchmark().equals(benchmark);
      if (counts && !Float.isNaN(train.score(model, j))) {
        cells++;
        correct += right(train, model, j);
      }
    }
    return correct / cells;
  }

  private static long answers(CorrectnessMatrix train, int model, String benchmark) {
    return IntStream.range(0, train.questionCount())
        .filter(
            j -> benchmark.equals(ANY) || train.questions().get(j).benchmark().equals(benchmark))
        .filter(j -> !Float.isNaN(train.score(model, j)))
        .count();
  }

  private static List<Integer> order(CorrectnessMatrix train, String benchmark) {
    long questions =
        train.questions().stream()
            .filter(q -> benchmark.equals(ANY) || q.benchmark().equals(benchmark))
            .count();
    List<Integer> eligible = new ArrayList<>();
    List<Integer> others = new ArrayList<>();
    for (int i = 0; i < train.modelCount(); i++) {
      (answers(train, i, benchmark) >= 0.9 * questions ? eligible : others).add(i);
    }
    eligible.sort(
        (a, b) -> Double.compare(accuracy(train, b, benchmark), accuracy(train, a, benchmark)));
    others.sort((a, b) -> Long.compare(answers(train, b, benchmark), answers(train, a, benchmark)));
    eligible.addAll(others);
    return eligible;
  }

  private static int first(List<Integer> order, CorrectnessMatrix test, int question) {
    return order.stream()
        .filter(i -> !Float.isNaN(test.score(i, question)))
        .findFirst()
        .orElseThrow();
  }

  private static int routed(
      CorrectnessMatrix test, FloatMatrix probabilities, CorrectnessMatrix train, int question) {
    return candidates(test, question).stream()
        .max((a, b) -> {
          int byForecast =
              Float.compare(probabilities.get(question, a), probabilities.get(question, b));
          return byForecast != 0
              ? byForecast
              : Double.compare(accuracy(train, a, ANY), accuracy(train, b, ANY));
        })
        .orElseThrow();
  }

  private static int voted(
      CorrectnessMatrix test, NeighborVotes votes, CorrectnessMatrix train, int question) {
    return candidates(test, question).stream()
        .max((a, b) -> {
          int byVotes =
              Double.compare(share(votes, train, question, a), share(votes, train, question, b));
          return byVotes != 0
              ? byVotes
              : Double.compare(accuracy(train, a, ANY), accuracy(train, b, ANY));
        })
        .orElseThrow();
  }

  private static double share(
      NeighborVotes votes, CorrectnessMatrix train, int question, int model) {
    float share = votes.shares().get(question, model);
    return Float.isNaN(share) ? accuracy(train, model, ANY) : share;
  }

  private static double weightedRandom(
      CorrectnessMatrix test, FloatMatrix probabilities, CorrectnessMatrix train, int[] questions) {
    double sum = 0;
    for (int i = 0; i < test.modelCount(); i++) {
      int model = i;
      double share = mean(questions, j -> routed(test, probabilities, train, j) == model ? 1 : 0);
      int[] own = IntStream.of(questions).filter(j -> !Float.isNaN(test.score(model, j))).toArray();
      sum += share == 0 ? 0 : share * mean(own, j -> right(test, model, j));
    }
    return sum;
  }

  @Test
  void gain_whenTheRouterIsNoBetter_isNotAboveZero() {
    List<Question> questions =
        IntStream.range(0, 100).mapToObj(j -> new Question("q" + j, "t" + j, "")).toList();
    float[][] scores = new float[100][2];
    float[] probabilities = new float[200];
    for (int j = 0; j < 100; j++) {
      scores[j] = new float[] {j % 10 < 8 ? 1 : 0, j % 10 < 5 ? 1 : 0};
      probabilities[2 * j] = 0.8f;
      probabilities[2 * j + 1] = 0.5f;
    }
    CorrectnessMatrix answers =
        CorrectnessMatrix.ofDense(List.of("strong", "weak"), questions, scores);
    RoutingEvaluation same =
        RoutingEvaluation.of(
            answers,
            FloatMatrix.wrap(100, 2, probabilities),
            AnswerCounts.of(answers),
            Optional.empty(),
            1);
    assertThat(same.gain().value()).isZero();
    assertThat(same.gain().interval().low()).isNegative();
    assertThat(same.gain().interval().high()).isPositive();
    assertThat(same.singleBestModel()).isEqualTo("strong");

    for (int at = 0; at < 200; at++) {
      probabilities[at] = 1 - probabilities[at];
    }
    RoutingEvaluation worse =
        RoutingEvaluation.of(
            answers,
            FloatMatrix.wrap(100, 2, probabilities),
            AnswerCounts.of(answers),
            Optional.empty(),
            1);
    assertThat(worse.gain().interval().high()).isNegative();
  }

  @Test
  void singleBest_whenNobodyAnsweredNineTenths_isTheOneWithMostAnswers() {
    List<Question> questions =
        IntStream.range(0, 10).mapToObj(j -> new Question("q" + j, "t" + j, "")).toList();
    float[][] scores = new float[10][2];
    for (int j = 0; j < 10; j++) {
      scores[j] = new float[] {j < 2 ? 1 : Float.NaN, j < 8 ? j % 2 : Float.NaN};
    }
    CorrectnessMatrix answers =
        CorrectnessMatrix.ofDense(List.of("few", "many"), questions, scores);
    SingleBest best = SingleBest.overall(AnswerCounts.of(answers));
    assertThat(best.model()).isEqualTo(1);
    assertThat(best.model(answers, 0)).hasValue(1);
    assertThat(best.model(answers, 9)).isEmpty();
  }
}
