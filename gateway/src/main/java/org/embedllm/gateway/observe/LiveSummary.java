package org.embedllm.gateway.observe;

import java.time.Instant;
import java.util.List;

/// What happened within a window of time.
///
/// @param from where the window begins: at a whole half minute, and not before anything is known
/// @param to now
/// @param requests answered, well or not; decisions without a request are not counted
/// @param errors of them with a status of 400 or more
/// @param streamed of them streamed
/// @param fellBack of them that needed another candidate than the first
/// @param cost USD, of the calls whose price is known
/// @param unpriced calls answered whose price is not known
/// @param models by requests answered, most first
/// @param fallbacks by upstream and kind, most first
/// @param latencies one for each step that was measured
/// @param timeline the window in equal slices, the oldest first
/// @param calibration of feedback that came within the window
public record LiveSummary(
    Instant from,
    Instant to,
    long requests,
    long errors,
    long streamed,
    long fellBack,
    double cost,
    long unpriced,
    List<ModelShare> models,
    List<Fallback> fallbacks,
    List<Step> latencies,
    List<Slice> timeline,
    Calibration calibration) {
  public LiveSummary {
    models = List.copyOf(models);
    fallbacks = List.copyOf(fallbacks);
    latencies = List.copyOf(latencies);
    timeline = List.copyOf(timeline);
  }

  /// @param model that answered
  /// @param requests it answered
  /// @param share of all answered ones, in [0, 1]
  /// @param cost USD, where known
  public record ModelShare(String model, long requests, double share, double cost) {}

  /// @param upstream `model@host` tried in vain
  /// @param kind what went wrong
  public record Fallback(String upstream, String kind, long count) {}

  /// Quantiles of one step's latency in milliseconds, right within 6 %.
  ///
  /// @param step `encode`, `route`, `upstream`, `overhead` or `total`
  public record Step(String step, long count, double p50, double p90, double p99) {}

  /// @param from where it begins
  public record Slice(Instant from, long requests, long errors) {}

  /// Forecasts against feedback. The latest feedback on a decision counts.
  ///
  /// @param decisions with a forecast and feedback
  /// @param meanForecast NaN where there are none
  /// @param meanScore NaN where there are none
  /// @param brier mean squared difference of score and forecast; NaN where there are none
  /// @param error expected calibration error over the bins; NaN where there are none
  /// @param bins of equal width that hold any feedback, the lowest first
  public record Calibration(
      long decisions,
      double meanForecast,
      double meanScore,
      double brier,
      double error,
      List<Bin> bins) {
    public Calibration {
      bins = List.copyOf(bins);
    }
  }

  /// Feedback on decisions whose forecast is in [from, to).
  ///
  /// @param low lower end of the mean score's 95 % interval (Wilson)
  /// @param high upper end
  public record Bin(
      double from,
      double to,
      long decisions,
      double meanForecast,
      double meanScore,
      double low,
      double high) {}
}
