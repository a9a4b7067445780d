package org.embedllm.routing;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.forecast.Estimate;
import org.embedllm.forecast.NeighborVotes;
import org.embedllm.forecast.QuestionBootstrap;
import org.embedllm.tensor.FloatMatrix;

/// How often the routed model is right, beside every baseline of Zhuang et al. (2025), §5.2.
///
/// The candidates on a question are the models with an observed answer to it; questions without any
/// are left out. All numbers are fractions of questions, all intervals come from the same resamples
/// of whole questions, so that differences are paired.
///
/// @param questions questions with at least one candidate
/// @param router accuracy of the candidate with the highest forecast (ties: higher training
///   accuracy)
/// @param singleBest accuracy of the model that was best on the training questions
/// @param singleBestModel its name
/// @param fallbacks questions on which it had no answer and the next one replaced it
/// @param weightedRandom Σ over models of the router's share × the model's observed accuracy
/// @param random mean over questions of the candidates' mean
/// @param neighbors accuracy of the nearest-neighbors router; empty without training questions
/// @param oracle fraction of questions on which some candidate is right
/// @param gain router − single best, paired
/// @param gainOverNeighbors router − nearest-neighbors router, paired
/// @param share the router's calls by model, fractions that sum to 1
/// @param perBenchmark by benchmark
public record RoutingEvaluation(
    int questions,
    Estimate router,
    Estimate singleBest,
    String singleBestModel,
    int fallbacks,
    Estimate weightedRandom,
    Estimate random,
    Optional<Estimate> neighbors,
    Estimate oracle,
    Estimate gain,
    Optional<Estimate> gainOverNeighbors,
    Map<String, Double> share,
    Map<String, OnBenchmark> perBenchmark) {
  public RoutingEvaluation {
    share = Collections.unmodifiableMap(new LinkedHashMap<>(share));
    perBenchmark = Collections.unmodifiableMap(new LinkedHashMap<>(perBenchmark));
  }

  /// Routing within a benchmark.
  ///
  /// @param questions its questions with at least one candidate
  /// @param router accuracy of the router
  /// @param singleBest accuracy of the model that was best on the benchmark's training questions
  /// @param singleBestModel its name
  /// @param weightedRandom with the router's shares and the models' accuracies on this benchmark
  /// @param random mean of the candidates' mean
  /// @param oracle fraction of questions on which some candidate is right
  /// @param gain router − single best, paired
  public record OnBenchmark(
      int questions,
      Estimate router,
      Estimate singleBest,
      String singleBestModel,
      Estimate weightedRandom,
      Estimate random,
      Estimate oracle,
      Estimate gain) {}

  /// @param answers the observed answers, [m, n]
  /// @param probabilities the forecasts, [n, m], models in the order of `answers`
  /// @param training answer counts of the questions that were trained on, models in the same order
  /// @param votes of the nearest training questions, where they are known
  /// @param seed of the resamples
  public static RoutingEvaluation of(
      CorrectnessMatrix answers,
      FloatMatrix probabilities,
      AnswerCounts training,
      Optional<NeighborVotes> votes,
      long seed) {
    return of(answers, RouterChoices.best(answers, probabilities, training), training, votes, seed);
  }

  /// @param choices `[n]` the router's model on each question, one of its candidates; −1 on a
  ///   question without any
  public static RoutingEvaluation of(
      CorrectnessMatrix answers,
      int[] choices,
      AnswerCounts training,
      Optional<NeighborVotes> votes,
      long seed) {
    if (!training.models().equals(answers.models())) {
      throw new IllegalArgumentException("the training counts are of other models");
    }
    RoutingSums sums = RoutingSums.of(answers, choices, training, votes);
    List<Estimate> numbers =
        new QuestionBootstrap(answers.questionCount(), QuestionBootstrap.RESAMPLES, seed)
            .estimates(sums.width(), sums);
    return new RoutingEvaluation(
        sums.questions(),
        numbers.get(RoutingSums.ROUTER),
        numbers.get(RoutingSums.SINGLE_BEST),
        answers.models().get(sums.singleBest().model()),
        sums.fallbacks(),
        numbers.get(RoutingSums.WEIGHTED_RANDOM),
        numbers.get(RoutingSums.RANDOM),
        votes.map(v -> numbers.get(RoutingSums.NEIGHBORS)),
        numbers.get(RoutingSums.ORACLE),
        numbers.get(RoutingSums.GAIN),
        votes.map(v -> numbers.get(RoutingSums.GAIN_OVER_NEIGHBORS)),
        shares(answers, choices, sums.questions()),
        perBenchmark(answers, sums, numbers));
  }

  private static Map<String, Double> shares(
      CorrectnessMatrix answers, int[] choices, int questions) {
    int[] calls = new int[answers.modelCount()];
    for (int choice : choices) {
      if (choice >= 0) {
        calls[choice]++;
      }
    }
    Map<String, Double> shares = new LinkedHashMap<>();
    for (int i = 0; i < calls.length; i++) {
      shares.put(answers.models().get(i), (double) calls[i] / questions);
    }
    return shares;
  }

  private static Map<String, OnBenchmark> perBenchmark(
      CorrectnessMatrix answers, RoutingSums sums, List<Estimate> numbers) {
    Map<String, OnBenchmark> rows = new LinkedHashMap<>();
    for (int b = 0; b < sums.benchmarks().size(); b++) {
      int column = sums.benchmarkColumn(b);
      rows.put(
          sums.benchmarks().get(b),
          new OnBenchmark(
              sums.questions(b),
              numbers.get(column + RoutingSums.ROUTER),
              numbers.get(column + RoutingSums.SINGLE_BEST),
              answers.models().get(sums.singleBest(b).model()),
              numbers.get(column + RoutingSums.WEIGHTED_RANDOM),
              numbers.get(column + RoutingSums.RANDOM),
              numbers.get(column + RoutingSums.ORACLE),
              numbers.get(column + RoutingSums.GAIN)));
    }
    return rows;
  }
}
