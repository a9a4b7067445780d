package org.embedllm.benchmark;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// How well accuracy on one benchmark is predicted for models left out of the regression.
///
/// @param benchmark its name
/// @param models number of eligible models
/// @param testModels number of them left out in each split
/// @param significant splits in which τ is positive and significant; empty where too few models are
///   eligible
/// @param reason why `significant` is empty
/// @param embeddings ridge regression from the embeddings
/// @param meanOfOtherBenchmarks prediction = the model's own mean accuracy on the other benchmarks
/// @param lineOnOtherBenchmarks a straight line from that mean, fitted to the training models
/// @param meanOfModels prediction = the mean accuracy of the training models
/// @param perModel each eligible model that was left out at least once
public record BenchmarkPrediction(
    String benchmark,
    int models,
    int testModels,
    OptionalInt significant,
    Optional<String> reason,
    Score embeddings,
    Score meanOfOtherBenchmarks,
    Score lineOnOtherBenchmarks,
    Score meanOfModels,
    List<ModelPrediction> perModel) {
  public BenchmarkPrediction {
    perModel = List.copyOf(perModel);
  }

  /// A predictor's result over all splits; NaN throughout where no split could be made.
  ///
  /// @param tau mean of Kendall's τ-b between predicted and actual over the splits; a split whose
  ///   predictions are all equal finds no order and counts 0
  /// @param mse mean over the splits of the left-out models' mean squared error
  /// @param r2 1 − ΣSSE/ΣSST over the splits, SST about the left-out models' own mean
  /// @param mseBySplit the mean squared error of each split, in the order of the splits
  public record Score(double tau, double mse, double r2, List<Double> mseBySplit) {
    public Score {
      mseBySplit = List.copyOf(mseBySplit);
    }
  }

  /// A left-out model.
  ///
  /// @param model its name
  /// @param actual its accuracy on the benchmark
  /// @param predicted mean of its predictions over the splits that left it out
  /// @param leftOut number of these splits
  public record ModelPrediction(String model, double actual, double predicted, int leftOut) {}
}
