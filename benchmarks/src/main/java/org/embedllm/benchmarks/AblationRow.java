package org.embedllm.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.embedllm.forecast.ForecastEvaluation;
import org.embedllm.routing.RoutingEvaluation;

/// What one forecaster reached on one split, as a line of a file.
///
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
/// @param share of calls that go to the most called model
/// @param seconds of training
record AblationRow(
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
    double share,
    double seconds) {
  private static final int NUMBERS = 10;

  /// What was measured on the questions in one form.
  record Measured(ForecastEvaluation forecast, RoutingEvaluation routing) {
    private double share() {
      return routing.share().values().stream().mapToDouble(s -> s).max().orElse(0);
    }
  }

  /// Means over the forms of the questions.
  static AblationRow of(String forecaster, String split, List<Measured> forms, double seconds) {
    return new AblationRow(
        forecaster,
        split,
        mean(forms, f -> f.forecast().accuracy().value()),
        mean(forms, f -> f.forecast().logLoss().value()),
        mean(forms, f -> f.forecast().calibration().error()),
        mean(forms, f -> f.forecast().calibration().errorIfPerfect()),
        mean(forms, f -> f.routing().router().value()),
        mean(forms, f -> f.routing().singleBest().value()),
        mean(forms, f -> f.routing().gain().interval().low()),
        mean(forms, f -> f.routing().gain().interval().high()),
        mean(forms, Measured::share),
        seconds);
  }

  private static double mean(List<Measured> forms, ToDoubleFunction<Measured> number) {
    return forms.stream().mapToDouble(number).average().orElse(Double.NaN);
  }

  String line() {
    return String.format(
        Locale.ROOT,
        "%s,%s,%.6f,%.6f,%.6f,%.6f,%.6f,%.6f,%.6f,%.6f,%.4f,%.2f",
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
        share,
        seconds);
  }

  static AblationRow parse(String line) {
    String[] cells = line.split(",", -1);
    double[] numbers = new double[NUMBERS];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Double.parseDouble(cells[2 + i]);
    }
    return new AblationRow(
        cells[0],
        cells[1],
        numbers[0],
        numbers[1],
        numbers[2],
        numbers[3],
        numbers[4],
        numbers[5],
        numbers[6],
        numbers[7],
        numbers[8],
        numbers[9]);
  }

  /// The split of a forecaster, which is measured once.
  String key() {
    return forecaster + "," + split;
  }

  /// Router − single best.
  double gain() {
    return router - single;
  }
}
