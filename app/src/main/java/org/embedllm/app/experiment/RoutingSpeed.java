package org.embedllm.app.experiment;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.embedllm.forecast.CorrectnessForecaster;
import org.embedllm.tensor.FloatMatrix;

/// How fast questions are routed, and what training took. §5.2.
///
/// @param questions routed at once
/// @param models to choose from
/// @param perSecond questions a second from vectors, median of the repetitions
/// @param perSecondFromText questions a second with their encoding, one after another; empty
///   without an encoder
/// @param trainingSeconds of the training on all training questions
/// @param trainingPeakBytes most resident memory of the process after it; empty where the system
///   does not report it
record RoutingSpeed(
    int questions,
    int models,
    double perSecond,
    Optional<Double> perSecondFromText,
    double trainingSeconds,
    Optional<Long> trainingPeakBytes) {
  private static final int QUESTIONS = 3_000; // as in the paper
  private static final int REPETITIONS = 15;

  /// Measures on a forecaster.
  ///
  /// @param vectors [n, q], repeated until there are 3,000
  static double perSecond(CorrectnessForecaster model, FloatMatrix vectors, LongSupplier nanos) {
    int[] rows = IntStream.range(0, QUESTIONS).map(k -> k % vectors.rows()).toArray();
    FloatMatrix questions = vectors.selectRows(rows);
    double[] seconds = new double[REPETITIONS];
    long routed = 0;
    for (int k = 0; k < REPETITIONS; k++) {
      long start = nanos.getAsLong();
      FloatMatrix forecasts = model.forecast(questions);
      for (int j = 0; j < forecasts.rows(); j++) {
        routed += best(forecasts, j);
      }
      seconds[k] = (nanos.getAsLong() - start) * 1e-9;
    }
    Arrays.sort(seconds);
    return routed < 0 ? Double.NaN : QUESTIONS / Math.max(1e-9, seconds[REPETITIONS / 2]);
  }

  static int questionsMeasured() {
    return QUESTIONS;
  }

  private static int best(FloatMatrix forecasts, int question) {
    int best = 0;
    for (int i = 1; i < forecasts.columns(); i++) {
      best = forecasts.get(question, i) > forecasts.get(question, best) ? i : best;
    }
    return best;
  }
}
