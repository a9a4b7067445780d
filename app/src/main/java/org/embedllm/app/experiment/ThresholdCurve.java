package org.embedllm.app.experiment;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.forecast.Estimate;
import org.embedllm.forecast.QuestionBootstrap;
import org.embedllm.routing.ModelPrices;
import org.embedllm.routing.SingleBest;
import org.embedllm.tensor.FloatMatrix;

/// The learnable threshold of §3.2 between two models: a question goes to the expensive one where
/// its forecast exceeds that of the cheap one by more than a threshold.
///
/// Thresholds are the quantiles of that difference on validation questions, so that each aims at a
/// share of expensive calls; share and quality are measured on test questions that both models
/// answered.
///
/// @param expensive the best single model on training questions
/// @param cheap the cheapest model where prices are known, otherwise the one in the middle by
///   training accuracy
/// @param questions test questions that both answered
/// @param points by falling threshold, from no expensive call to nothing but them
/// @param learned the threshold with the highest accuracy on validation
record ThresholdCurve(
    String expensive, String cheap, int questions, List<Step> points, Step learned) {
  private static final int STEPS = 20;

  /// A threshold and its results on test.
  ///
  /// @param threshold least difference of forecasts that takes the expensive model
  /// @param share of questions that go to the expensive model
  /// @param quality share of questions answered correctly
  /// @param gain quality − that of as many expensive calls at random, paired
  record Step(double threshold, double share, Estimate quality, Estimate gain) {}

  /// Answers to some questions and the forecasts for them.
  ///
  /// @param forecasts [n, m]
  record Forecasts(CorrectnessMatrix answers, FloatMatrix forecasts) {}

  /// @return empty with fewer than two models, or no question that both answered
  static Optional<ThresholdCurve> of(
      AnswerCounts training, ModelPrices prices, Forecasts validation, Forecasts test, long seed) {
    int expensive = SingleBest.overall(training).model();
    Optional<Integer> cheap = cheap(training, prices, expensive);
    if (cheap.isEmpty()) {
      return Optional.empty();
    }
    Pair learned = Pair.of(validation, expensive, cheap.get());
    Pair measured = Pair.of(test, expensive, cheap.get());
    if (learned.difference.length == 0 || measured.difference.length == 0) {
      return Optional.empty();
    }
    double[] thresholds = thresholds(learned.difference);
    int best =
        IntStream.range(0, thresholds.length)
            .boxed()
            .max(Comparator.comparingDouble(k -> learned.right(thresholds[k])))
            .orElseThrow();
    List<Step> steps = measured.steps(thresholds, seed);
    return Optional.of(
        new ThresholdCurve(
            training.models().get(expensive),
            training.models().get(cheap.get()),
            measured.difference.length,
            steps,
            steps.get(best)));
  }

  private static Optional<Integer> cheap(AnswerCounts training, ModelPrices prices, int expensive) {
    List<Integer> others =
        IntStream.range(0, training.models().size())
            .filter(i -> i != expensive && training.cells(i) > 0)
            .boxed()
            .toList();
    List<Integer> priced =
        others.stream()
            .filter(i -> Double.isFinite(cost(training, prices, i)))
            .sorted(Comparator.comparingDouble(i -> cost(training, prices, i)))
            .toList();
    if (!priced.isEmpty()) {
      return Optional.of(priced.getFirst());
    }
    List<Integer> covered =
        others.stream()
            .filter(i -> training.cells(i) >= SingleBest.COVERAGE * training.questions())
            .toList();
    List<Integer> ranked =
        (covered.isEmpty() ? others : covered)
            .stream().sorted(Comparator.comparingDouble(training::accuracy)).toList();
    return ranked.isEmpty() ? Optional.empty() : Optional.of(ranked.get(ranked.size() / 2));
  }

  private static double cost(AnswerCounts training, ModelPrices prices, int model) {
    return prices.cost(training.models().get(model), 1_000, 1_000);
  }

  /// Quantiles of the differences, falling, with +∞ first and −∞ last.
  private static double[] thresholds(double[] differences) {
    double[] sorted = differences.clone();
    Arrays.sort(sorted);
    double[] thresholds = new double[STEPS + 1];
    for (int k = 0; k <= STEPS; k++) {
      int above = (int) Math.round((double) k * sorted.length / STEPS);
      thresholds[k] =
          above == 0
              ? Double.POSITIVE_INFINITY
              : above == sorted.length ? Double.NEGATIVE_INFINITY : sorted[sorted.length - above];
    }
    return thresholds;
  }

  /// The two models on the questions that both answered.
  private static final class Pair {
    private final double[] difference; // [n], forecast of the expensive minus of the cheap model
    private final double[] expensive; // [n], 1 where right
    private final double[] cheap; // [n]

    private Pair(double[] difference, double[] expensive, double[] cheap) {
      this.difference = difference;
      this.expensive = expensive;
      this.cheap = cheap;
    }

    static Pair of(Forecasts known, int expensive, int cheap) {
      CorrectnessMatrix answers = known.answers();
      int[] both =
          IntStream.range(0, answers.questionCount())
              .filter(j ->
                  !Float.isNaN(answers.score(expensive, j))
                      && !Float.isNaN(answers.score(cheap, j)))
              .toArray();
      FloatMatrix p = known.forecasts();
      return new Pair(
          Arrays.stream(both)
              .mapToDouble(j -> (double) p.get(j, expensive) - p.get(j, cheap))
              .toArray(),
          right(answers, both, expensive),
          right(answers, both, cheap));
    }

    private static double[] right(CorrectnessMatrix answers, int[] questions, int model) {
      return Arrays.stream(questions)
          .mapToDouble(j -> CorrectnessMatrix.isCorrect(answers.score(model, j)) ? 1 : 0)
          .toArray();
    }

    /// Questions answered correctly under a threshold.
    double right(double threshold) {
      return IntStream.range(0, difference.length)
          .mapToDouble(j -> difference[j] >= threshold ? expensive[j] : cheap[j])
          .sum();
    }

    List<Step> steps(double[] thresholds, long seed) {
      int n = difference.length;
      List<Estimate> estimates =
          new QuestionBootstrap(n, QuestionBootstrap.RESAMPLES, seed)
              .estimates(
                  2 * thresholds.length,
                  (counts, into) -> {
                    double allExpensive = 0;
                    double allCheap = 0;
                    for (int j = 0; j < n; j++) {
                      allExpensive += counts[j] * expensive[j] / n;
                      allCheap += counts[j] * cheap[j] / n;
                    }
                    for (int k = 0; k < thresholds.length; k++) {
                      double quality = 0;
                      double share = 0;
                      for (int j = 0; j < n; j++) {
                        boolean taken = difference[j] >= thresholds[k];
                        quality += counts[j] * (taken ? expensive[j] : cheap[j]) / n;
                        share += taken ? (double) counts[j] / n : 0;
                      }
                      into[2 * k] = quality;
                      into[2 * k + 1] = quality - share * allExpensive - (1 - share) * allCheap;
                    }
                  });
      List<Step> steps = new ArrayList<>();
      for (int k = 0; k < thresholds.length; k++) {
        double threshold = thresholds[k];
        double share = Arrays.stream(difference).filter(x -> x >= threshold).count() / (double) n;
        steps.add(new Step(threshold, share, estimates.get(2 * k), estimates.get(2 * k + 1)));
      }
      return steps;
    }
  }
}
