package org.embedllm.app.ask;

import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.embedllm.app.cli.Durations;
import org.embedllm.app.cli.Json;
import org.embedllm.forecast.Interval;
import org.embedllm.scoring.JudgeAgreement;
import org.jspecify.annotations.Nullable;

/// What came of asking one model.
///
/// @param model its name in the pool
/// @param asked questions sent, those of an earlier run included
/// @param answered of them that were answered
/// @param scored of these that a scorer could read
/// @param accuracy share of right answers; NaN without scores
/// @param interval of it, 95 %
/// @param usd what all of it cost; NaN where it is not known
/// @param seconds of this run
/// @param ended why no more was asked
/// @param agreement of the judge with right answers, where a judge was asked
record AskSummary(
    String model,
    int asked,
    int answered,
    int scored,
    double accuracy,
    Interval interval,
    double usd,
    double seconds,
    String ended,
    Optional<JudgeAgreement> agreement) {

  /// Counts of a run, safe for several threads.
  static final class Counts {
    final AtomicInteger asked = new AtomicInteger();
    final AtomicInteger answered = new AtomicInteger();
    final AtomicInteger scored = new AtomicInteger();
    private double right;
    private double usd;
    private boolean priced;

    synchronized void add(java.util.OptionalDouble score, double cost) {
      answered.incrementAndGet();
      if (score.isPresent()) {
        scored.incrementAndGet();
        right += score.getAsDouble();
      }
      if (!Double.isNaN(cost)) {
        usd += cost;
        priced = true;
      }
    }

    synchronized double share() {
      return scored.get() == 0 ? Double.NaN : right / scored.get();
    }

    synchronized String accuracyText() {
      return AskSummary.accuracyText(share(), Interval.ofShare(share(), scored.get()));
    }

    synchronized double usd() {
      return priced ? usd : Double.NaN;
    }
  }

  /// Of questions that are not a pool's: the mean of the scores.
  static AskSummary of(
      String model,
      Counts counts,
      double seconds,
      String ended,
      Optional<JudgeAgreement> agreement) {
    return new AskSummary(
        model,
        counts.asked.get(),
        counts.answered.get(),
        counts.scored.get(),
        counts.share(),
        Interval.ofShare(counts.share(), counts.scored.get()),
        counts.usd(),
        seconds,
        ended,
        agreement);
  }

  Json json() {
    return new Json()
        .put("asked", asked)
        .put("answered", answered)
        .put("scored", scored)
        .put("accuracy", known(accuracy))
        .put("low", known(interval.low()))
        .put("high", known(interval.high()))
        .put("usd", known(usd))
        .put("seconds", seconds)
        .put("model", model)
        .put("ended", ended)
        .put("judge", agreement.map(AskSummary::json).map(Json::document).orElse(null));
  }

  private static Json json(JudgeAgreement agreement) {
    return new Json()
        .put("answers", agreement.answers())
        .put("agreement", known(agreement.share()))
        .put("kappa", known(agreement.kappa()));
  }

  private static @Nullable Double known(double value) {
    return Double.isNaN(value) ? null : value;
  }

  /// `61.2 % (52.0 to 69.8)`.
  String accuracyText() {
    return accuracyText(accuracy, interval);
  }

  static String accuracyText(double accuracy, Interval interval) {
    return Double.isNaN(accuracy)
        ? "unknown"
        : String.format(
            Locale.ROOT,
            "%.1f %% (%.1f to %.1f)",
            100 * accuracy,
            100 * interval.low(),
            100 * interval.high());
  }

  String costText() {
    return Double.isNaN(usd) ? "cost unknown" : String.format(Locale.ROOT, "$%.4f", usd);
  }

  String timeText() {
    return Durations.text(seconds);
  }
}
