package org.embedllm.gateway.observe;

/// Counts of latencies by their logarithm, from a microsecond to a quarter of an hour: bins are 12
/// % wide, so that a quantile is right within 6 %. Not safe for several threads.
///
/// A day of half minutes has 14,400 of these: 720 bytes each, where HdrHistogram with one digit
/// takes 1.8 KiB and is right within 10 % only.
final class LatencyHistogram {
  private static final int PER_DECADE = 20;
  private static final int LOWEST_DECADE = -3; // of milliseconds
  private static final int BINS = 9 * PER_DECADE;

  private final int[] counts = new int[BINS];
  private long total;

  /// @param millis ignored where it is NaN
  void add(double millis) {
    if (Double.isNaN(millis)) {
      return;
    }
    double at = (Math.log10(Math.max(millis, 1e-3)) - LOWEST_DECADE) * PER_DECADE;
    counts[Math.clamp((long) Math.floor(at), 0, BINS - 1)]++;
    total++;
  }

  void add(LatencyHistogram other) {
    for (int i = 0; i < BINS; i++) {
      counts[i] += other.counts[i];
    }
    total += other.total;
  }

  long total() {
    return total;
  }

  /// The latency which a part of the counted ones do not exceed, in milliseconds; NaN where none
  /// was counted.
  ///
  /// @param part in (0, 1]
  double quantile(double part) {
    long rank = (long) Math.ceil(part * total);
    long seen = 0;
    for (int i = 0; i < BINS; i++) {
      seen += counts[i];
      if (counts[i] > 0 && seen >= rank) {
        return Math.pow(10, LOWEST_DECADE + (i + 0.5) / PER_DECADE);
      }
    }
    return Double.NaN;
  }
}
