package org.embedllm.artifact;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.forecast.Forecast.ModelForecast;
import org.embedllm.forecast.ForecastQuantity;

/// What is known of the models of a pool without a question.
///
/// - A model with answers has its share of right answers to the training questions, with one right
///   and one wrong answer added and without an interval. Where it answered few of them, it counts
///   as no better than the best of those that answered most.
/// - A model without any, placed by facts, texts or votes, has the mean forecast of its vector over
///   the training questions, with its 95 % interval. So has every model of a pool from votes.
/// - Where the file keeps no uncertainty of its vectors, a model without answers has the mean share
///   of the others, and models of a pool from votes have their own, without an interval.
final class PoolRates {
  private static final double MOST = 0.9; // of the training questions

  private PoolRates() {}

  /// One entry for each model, in row order.
  static List<ModelForecast> of(ModelArtifact artifact) {
    AnswerCounts training = artifact.training();
    int[] answering =
        IntStream.range(0, training.models().size()).filter(i -> training.cells(i) > 0).toArray();
    double mean = IntStream.of(answering).mapToDouble(training::accuracy).average().orElse(0.5);
    double best =
        IntStream.of(answering)
            .filter(i -> covers(training, i))
            .mapToDouble(i -> share(training, i))
            .max()
            .orElse(1);
    boolean voted = artifact.quantity() == ForecastQuantity.PREFERENCE;
    List<ModelForecast> known = new ArrayList<>();
    for (int i = 0; i < training.models().size(); i++) {
      double rate = training.cells(i) == 0 ? mean : share(training, i);
      double bounded = training.cells(i) == 0 || covers(training, i) ? rate : Math.min(rate, best);
      ModelForecast plain =
          new ModelForecast(training.models().get(i), bounded, Double.NaN, Double.NaN);
      known.add(voted || training.cells(i) == 0 ? predicted(artifact, i).orElse(plain) : plain);
    }
    return known;
  }

  /// Empty where the file keeps no uncertainty of the vector.
  private static Optional<ModelForecast> predicted(ModelArtifact artifact, int model) {
    return artifact
        .vector(model)
        .map(vector -> VoteUpdate.MeanProbability.of(artifact, vector))
        .filter(mean -> !Double.isNaN(mean.value()))
        .map(mean ->
            new ModelForecast(
                artifact.training().models().get(model), mean.value(), mean.low(), mean.high()));
  }

  private static boolean covers(AnswerCounts training, int model) {
    return training.cells(model) >= MOST * training.questions();
  }

  private static double share(AnswerCounts training, int model) {
    return (training.correct(model) + 1.0) / (training.cells(model) + 2.0);
  }
}
