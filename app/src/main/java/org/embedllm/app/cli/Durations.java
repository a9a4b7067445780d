package org.embedllm.app.cli;

import java.util.Locale;

/// Times as people say them.
public final class Durations {
  private Durations() {}

  /// `0.4 s`, `12 s`, `3 min 20 s`, `1 h 34 min`.
  ///
  /// @param seconds from 0 on
  public static String text(double seconds) {
    if (seconds < 9.95) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    long whole = Math.round(seconds);
    if (whole < 60) {
      return whole + " s";
    }
    if (whole < 3600) {
      return two(whole / 60, "min", whole % 60, "s");
    }
    long minutes = Math.round(seconds / 60);
    return two(minutes / 60, "h", minutes % 60, "min");
  }

  /// As [#text], rounded so that a forecast of it does not flicker: to 5 s below 2 minutes, to
  /// minutes above.
  static String about(double seconds) {
    return seconds < 120
        ? text(Math.max(5.0, 5.0 * Math.round(seconds / 5)))
        : text(60.0 * Math.round(seconds / 60));
  }

  private static String two(long large, String unit, long small, String smallUnit) {
    return large + " " + unit + (small == 0 ? "" : " " + small + " " + smallUnit);
  }
}
