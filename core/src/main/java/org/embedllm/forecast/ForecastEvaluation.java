package org.embedllm.forecast;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.tensor.FloatMatrix;

/// How good forecasts are on questions whose answers are known, with baselines that do not look at
/// the question.
///
/// Accuracies and AUC take the label (score at least one half; a forecast of at least one half says
/// "right"); log loss, Brier score and calibration take the score itself. Intervals resample whole
/// questions.
///
/// @param questions n
/// @param models m, models with an observed answer
/// @param cells observed cells, all that is measured on
/// @param accuracy fraction of cells where forecast and label agree
/// @param logLoss mean of `−y ln p − (1 − y) ln (1 − p)`, p clipped to [1e−7, 1 − 1e−7]
/// @param brier mean of `(p − y)²`
/// @param calibration expected calibration error and reliability diagram
/// @param auc probability that a right answer was forecast higher than a wrong one; NaN where all
///   answers are right or all are wrong
/// @param majorityPerModel accuracy of each model's training majority
/// @param majorityPerModelAndBenchmark accuracy of each model's training majority on the benchmark
/// @param neighbors accuracy of the nearest-neighbors baseline; empty without training questions
/// @param perBenchmark by benchmark
/// @param perModel by model, in the order of the models, those without an observed answer included
public record ForecastEvaluation(
    int questions,
    int models,
    int cells,
    Estimate accuracy,
    Estimate logLoss,
    Estimate brier,
    Calibration calibration,
    double auc,
    Estimate majorityPerModel,
    Estimate majorityPerModelAndBenchmark,
    Optional<Neighbors> neighbors,
    Map<String, OnBenchmark> perBenchmark,
    Map<String, OfModel> perModel) {
  public ForecastEvaluation {
    perBenchmark = Collections.unmodifiableMap(new LinkedHashMap<>(perBenchmark));
    perModel = Collections.unmodifiableMap(new LinkedHashMap<>(perModel));
  }

  /// The nearest-neighbors baseline.
  ///
  /// @param k number of neighbors
  /// @param accuracy fraction of cells where the vote and the label agree
  public record Neighbors(int k, Estimate accuracy) {}

  /// Forecasts within a benchmark.
  ///
  /// @param accuracy fraction of its cells where forecast and label agree
  /// @param cells its observed cells
  public record OnBenchmark(Estimate accuracy, int cells) {}

  /// Forecasts for one model.
  ///
  /// @param forecastAccuracy fraction of its cells where forecast and label agree
  /// @param observedAccuracy fraction of its answers that are right
  /// @param predictedAccuracy mean forecast probability on the same questions
  /// @param cells its observed cells
  public record OfModel(
      Estimate forecastAccuracy,
      Estimate observedAccuracy,
      Estimate predictedAccuracy,
      int cells) {}

  /// @param answers the observed answers, [m, n]
  /// @param probabilities the forecasts, [n, m], models in the order of `answers`
  /// @param training answer counts of the questions that were trained on, models in the same order
  /// @param votes of the nearest training questions, where they are known
  /// @param seed of the resamples
  public static ForecastEvaluation of(
      CorrectnessMatrix answers,
      FloatMatrix probabilities,
      AnswerCounts training,
      Optional<NeighborVotes> votes,
      long seed) {
    if (probabilities.rows() != answers.questionCount()
        || probabilities.columns() != answers.modelCount()) {
      throw new IllegalArgumentException(
          "forecasts of shape [%d, %d] do not fit %s"
              .formatted(probabilities.rows(), probabilities.columns(), answers));
    }
    if (!training.models().equals(answers.models())) {
      throw new IllegalArgumentException("the training counts are of other models");
    }
    ForecastSums sums = ForecastSums.of(answers, probabilities, training, votes);
    List<Estimate> estimates =
        new QuestionBootstrap(answers.questionCount(), QuestionBootstrap.RESAMPLES, seed)
            .estimates(sums.width(), sums);
    return new ForecastEvaluation(
        answers.questionCount(),
        sums.observedModels(),
        answers.cellCount(),
        estimates.get(ForecastSums.HIT),
        estimates.get(ForecastSums.LOG_LOSS),
        estimates.get(ForecastSums.BRIER),
        Calibration.of(sums.cellProbabilities(), sums.cellScores(), sums.cellQuestions(), seed),
        RankStatistics.auc(sums.cellProbabilities(), sums.cellScores()),
        estimates.get(ForecastSums.MAJORITY),
        estimates.get(ForecastSums.BENCHMARK_MAJORITY),
        votes.map(v -> new Neighbors(v.k(), estimates.get(ForecastSums.NEIGHBORS))),
        perBenchmark(sums, estimates),
        perModel(answers.models(), sums, estimates));
  }

  private static Map<String, OnBenchmark> perBenchmark(
      ForecastSums sums, List<Estimate> estimates) {
    Map<String, OnBenchmark> rows = new LinkedHashMap<>();
    for (int b = 0; b < sums.benchmarks().size(); b++) {
      rows.put(
          sums.benchmarks().get(b),
          new OnBenchmark(estimates.get(sums.benchmarkColumn(b)), sums.benchmarkCells(b)));
    }
    return rows;
  }

  private static Map<String, OfModel> perModel(
      List<String> models, ForecastSums sums, List<Estimate> estimates) {
    Map<String, OfModel> rows = new LinkedHashMap<>();
    for (int i = 0; i < models.size(); i++) {
      int column = sums.modelColumn(i);
      rows.put(
          models.get(i),
          new OfModel(
              estimates.get(column),
              estimates.get(column + 1),
              estimates.get(column + 2),
              sums.modelCells(i)));
    }
    return rows;
  }
}
