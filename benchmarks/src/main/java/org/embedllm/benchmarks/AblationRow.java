package org.embedllm.benchmarks;

import java.util.Locale;

/// What one forecaster reached on one split, as a line of a file.
///
/// @param vectors encoder of the question vectors
/// @param forecaster its name
/// @param split a seed, or `supplied`
/// @param accuracy forecasting accuracy
/// @param logLoss in nats
/// @param calibration expected calibration error
/// @param ifPerfect what a perfectly calibrated forecaster would show
/// @param router accuracy of the router
/// @param single accuracy of the single best model
/// @param gainLow lower end of the 95 % interval of router − single best over test questions
/// @param gainHigh upper end
/// @param seconds of training
record AblationRow(
    String vectors,
    String forecaster,
    String split,
    double accuracy,
    double logLoss,
    double calibration,
    double ifPerfect,
    double router,
    double single,
    double gainLow,
    double gainHigh,
    double seconds) {
  String line() {
    return String.format(
        Locale.ROOT,
        "%s,%s,%s,%.6f,%.6f,%.6f,%.6f,%.6f,%.6f,%.6f,%.6f,%.2f",
        vectors,
        forecaster,
        split,
        accuracy,
        logLoss,
        calibration,
        ifPerfect,
        router,
        single,
        gainLow,
        gainHigh,
        seconds);
  }

  static AblationRow parse(String line) {
    String[] cells = line.split(",", -1);
    double[] numbers = new double[9];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Double.parseDouble(cells[3 + i]);
    }
    return new AblationRow(
        cells[0],
        cells[1],
        cells[2],
        numbers[0],
        numbers[1],
        numbers[2],
        numbers[3],
        numbers[4],
        numbers[5],
        numbers[6],
        numbers[7],
        numbers[8]);
  }

  /// The split of a forecaster, which is measured once.
  String key() {
    return vectors + "," + forecaster + "," + split;
  }

  /// Router − single best.
  double gain() {
    return router - single;
  }
}
