package org.embedllm.gateway.pacing;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/// When in a day requests come, learned from the last seven days. Not safe for several threads.
final class DayProfile {
  static final int MINUTES = 24 * 60;

  private static final int BIN = 15; // minutes
  private static final int BINS = MINUTES / BIN;
  private static final int DAYS = 7;
  private static final int FEW = 3; // days
  private static final int AROUND = 4; // bins on each side: two hours and a quarter in all
  private static final double UNIFORM = 0.05; // part of the profile that is spread evenly
  private static final double PRIOR = 0.01; // weight of earlier days' level, in days
  private static final int SHORTEST = 10; // minutes that say how busy a day is

  private final Deque<double[]> past = new ArrayDeque<>(); // each [BINS]
  private final double[] minutes = new double[MINUTES]; // requests of today
  private double[] cumulated = cumulated(); // [BINS + 1], part of a day's requests before a bin
  private int since;

  /// @param minute of the day from which on requests are counted
  DayProfile(int minute) {
    this.since = minute;
  }

  void count(int minute) {
    minutes[minute]++;
  }

  /// The day has ended.
  void roll() {
    double[] bins = new double[BINS];
    for (int m = 0; m < MINUTES; m++) {
      bins[m / BIN] += minutes[m];
    }
    // A day that was not counted from its beginning says too little.
    if (since == 0) {
      remember(bins);
    }
    Arrays.fill(minutes, 0);
    since = 0;
  }

  /// @param bins requests of an earlier day, [BINS]
  private void remember(double[] bins) {
    if (Arrays.stream(bins).sum() == 0) {
      return;
    }
    past.addLast(bins);
    if (past.size() > DAYS) {
      past.removeFirst();
    }
    cumulated = cumulated();
  }

  /// Requests expected in the rest of today: the profile, at the level of the last while. That is
  /// as long as the rest of the day, so that a burst early in the day soon counts little.
  ///
  /// @param now minutes since midnight
  double remaining(double now) {
    double rest = 1 - part(now);
    double window = Math.max(SHORTEST, Math.min(MINUTES - now, now - since));
    double from = Math.max(since, now - window);
    double seen = 0;
    for (int m = (int) from; m < MINUTES && m <= now; m++) {
      seen += minutes[m];
    }
    double days = past.stream().mapToDouble(day -> Arrays.stream(day).sum()).average().orElse(0);
    double weight = past.isEmpty() ? 1e-9 : PRIOR;
    return rest * (seen + weight * days) / (part(now) - part(from) + weight);
  }

  /// Part of a day's requests that come before a moment.
  private double part(double minute) {
    double bin = Math.min(minute / BIN, BINS - 1e-9);
    int whole = (int) bin;
    return cumulated[whole] + (bin - whole) * (cumulated[whole + 1] - cumulated[whole]);
  }

  /// The mean of the days without its bursts, which say nothing about tomorrow: each bin is without
  /// its busiest day, or, of fewer than three days, the median of the bins around it.
  private double[] cumulated() {
    double[] shape = new double[BINS];
    for (int b = 0; b < BINS; b++) {
      double sum = 0;
      double most = 0;
      for (double[] day : past) {
        sum += day[b];
        most = Math.max(most, day[b]);
      }
      shape[b] = past.size() < FEW ? sum : sum - most;
    }
    if (past.size() < FEW) {
      shape = medians(shape);
    }
    double total = Arrays.stream(shape).sum();
    double[] before = new double[BINS + 1];
    for (int b = 0; b < BINS; b++) {
      double even = 1.0 / BINS;
      double part = total == 0 ? even : UNIFORM * even + (1 - UNIFORM) * shape[b] / total;
      before[b + 1] = before[b] + part;
    }
    return before;
  }

  private static double[] medians(double[] values) {
    double[] medians = new double[BINS];
    for (int b = 0; b < BINS; b++) {
      double[] around =
          Arrays.copyOfRange(values, Math.max(0, b - AROUND), Math.min(BINS, b + AROUND + 1));
      Arrays.sort(around);
      medians[b] = around[around.length / 2];
    }
    return medians;
  }
}
