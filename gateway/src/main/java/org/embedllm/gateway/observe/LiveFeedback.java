package org.embedllm.gateway.observe;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.embedllm.gateway.observe.LiveSummary.Bin;
import org.embedllm.gateway.observe.LiveSummary.Calibration;
import org.embedllm.linalg.NormalQuantile;

/// The latest feedback with its forecasts, one for each decision. Not safe for several threads.
final class LiveFeedback {
  private static final int MOST = 20_000;
  private static final int BINS = 10;
  private static final double Z = NormalQuantile.TWO_SIDED_95;

  private final Map<String, Scored> byDecision = new LinkedHashMap<>();

  private record Scored(Instant at, double probability, double score) {}

  /// @param probability forecast; feedback without one is not kept
  void add(Instant at, String decision, double probability, double score) {
    if (Double.isNaN(probability)) {
      return;
    }
    byDecision.remove(decision);
    byDecision.put(decision, new Scored(at, probability, score));
    if (byDecision.size() > MOST) {
      byDecision.remove(byDecision.keySet().iterator().next());
    }
  }

  Calibration since(Instant from) {
    long[] counts = new long[BINS];
    double[] forecasts = new double[BINS];
    double[] scores = new double[BINS];
    double squares = 0;
    long n = 0;
    for (Scored o : byDecision.values()) {
      if (!o.at().isBefore(from)) {
        int bin = Math.clamp((long) (o.probability() * BINS), 0, BINS - 1);
        counts[bin]++;
        forecasts[bin] += o.probability();
        scores[bin] += o.score();
        squares += (o.score() - o.probability()) * (o.score() - o.probability());
        n++;
      }
    }
    List<Bin> bins = new ArrayList<>();
    double forecast = 0;
    double score = 0;
    double error = 0;
    for (int i = 0; i < BINS; i++) {
      if (counts[i] > 0) {
        bins.add(bin(i, counts[i], forecasts[i], scores[i]));
        forecast += forecasts[i];
        score += scores[i];
        error += Math.abs(forecasts[i] - scores[i]);
      }
    }
    // Without feedback all of these are 0 / 0: not a number.
    return new Calibration(n, forecast / n, score / n, squares / n, error / n, bins);
  }

  /// With the interval of Wilson (1927), which for scores between 0 and 1 is at worst too wide.
  private static Bin bin(int i, long n, double forecasts, double scores) {
    double p = scores / n;
    double z2 = Z * Z / n;
    double middle = (p + z2 / 2) / (1 + z2);
    double half = Z / (1 + z2) * Math.sqrt(p * (1 - p) / n + z2 / (4 * n));
    return new Bin(
        (double) i / BINS,
        (double) (i + 1) / BINS,
        n,
        forecasts / n,
        p,
        Math.max(0, middle - half),
        Math.min(1, middle + half));
  }
}
