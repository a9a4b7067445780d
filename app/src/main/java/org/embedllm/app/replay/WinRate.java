package org.embedllm.app.replay;

import org.embedllm.forecast.Interval;
import org.embedllm.linalg.NormalQuantile;

/// How often an answer was better than the one beside it.
///
/// @param comparisons of two answers
/// @param wins of them, a tie as half a one
public record WinRate(int comparisons, double wins) {
  private static final double ALIKE = 0.005;

  WinRate plus(WinRate other) {
    return new WinRate(comparisons + other.comparisons, wins + other.wins);
  }

  /// In [0, 1].
  public double value() {
    return wins / comparisons;
  }

  /// Wilson's, 95 %.
  public Interval interval() {
    return Interval.ofShare(value(), comparisons);
  }

  /// Whether the interval leaves 50 %.
  public boolean decided() {
    return !interval().contains(0.5);
  }

  /// Further comparisons after which the interval is expected to leave 50 %; 0 where it has, -1
  /// where the two are alike so far.
  public int more() {
    if (decided()) {
      return 0;
    }
    double gap = Math.abs(value() - 0.5);
    double needed = Math.pow(NormalQuantile.TWO_SIDED_95 / (2 * gap), 2);
    return gap < ALIKE ? -1 : (int) Math.max(1, Math.ceil(needed - comparisons));
  }
}
