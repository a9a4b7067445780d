package org.embedllm.scoring;

import org.embedllm.forecast.Interval;

/// How far the comparisons of a judge can be believed.
///
/// @param pairs compared in both orders
/// @param consistent of them with the same verdict in both orders
/// @param known pairs with a verdict of which scores against right answers say which is better
/// @param same of them in which the judge says so too
public record PairAgreement(int pairs, int consistent, int known, int same) {
  /// Fewer pairs say nothing.
  private static final int LEAST = 20;

  /// Of pairs; a third to a half of them for a judge that tosses a coin.
  private static final double SLIGHT = 0.6;

  /// Counts pairs one by one.
  public static final class Counter {
    private int pairs;
    private int consistent;
    private int known;
    private int same;

    /// @param better the difference of the two scores against the right answer; 0 where they are
    ///   the same, or not known
    public synchronized void add(PairVerdict verdict, double better) {
      pairs++;
      consistent += verdict.consistent() ? 1 : 0;
      if (better != 0 && verdict.share() != 0.5) {
        known++;
        same += better > 0 == verdict.share() > 0.5 ? 1 : 0;
      }
    }

    public synchronized PairAgreement agreement() {
      return new PairAgreement(pairs, consistent, known, same);
    }
  }

  /// Whether the judge hardly says more than a coin: it contradicts itself when the order changes,
  /// or prefers the right answers little more often than the wrong ones. Chance alone hardly says
  /// so of a better judge: all of the 95 % interval is below the bound.
  public boolean littleBetterThanChance() {
    return slight(consistent, pairs) || slight(same, known);
  }

  private static boolean slight(int count, int of) {
    return of >= LEAST && Interval.ofShare((double) count / of, of).high() <= SLIGHT;
  }
}
