package org.embedllm.benchmark;

import java.util.Arrays;

/// Kendall's rank correlation τ-b of two paired samples, with its two-sided p-value.
///
/// τ-b = S / √((n₀ − n₁)(n₀ − n₂)), where S is the number of concordant minus discordant pairs, n₀
/// = n (n − 1) / 2, and n₁, n₂ count the pairs tied in the first and in the second sample (Kendall
/// 1945). S is counted by merge sort in O(n log n) (Knight 1966). The null hypothesis is that every
/// pairing of the two samples is equally likely; [Method] says which distribution gives the
/// p-value.
///
/// @param tau in [−1, 1]; NaN where one sample is constant or has fewer than two values
/// @param pValue two-sided, in (0, 1]; 1 where `tau` is NaN
/// @param method how `pValue` was found
/// @param pairs n, the length of each sample
public record KendallTau(double tau, double pValue, Method method, int pairs) {
  static final int MOST_ENUMERATED = 9;
  static final int MOST_EXACT = 1_000;

  /// Where a p-value comes from.
  public enum Method {
    /// The exact distribution of S without ties, by the recurrence of the Mahonian numbers.
    EXACT,
    /// All distinguishable pairings of samples with ties, up to 9 pairs.
    ENUMERATED,
    /// The normal approximation with the variance corrected for ties, without continuity
    /// correction.
    NORMAL
  }

  /// τ-b of two paired samples.
  ///
  /// @param first `[n]`, finite
  /// @param second `[n]`, finite
  /// @throws IllegalArgumentException when lengths differ or a value is not finite
  public static KendallTau of(double[] first, double[] second) {
    int n = first.length;
    if (second.length != n) {
      throw new IllegalArgumentException(
          "paired samples have one length; got %d and %d".formatted(n, second.length));
    }
    requireFinite(first);
    requireFinite(second);
    Concordance counted = Concordance.of(first, second);
    Method method =
        counted.untied() && n <= MOST_EXACT
            ? Method.EXACT
            : n <= MOST_ENUMERATED ? Method.ENUMERATED : Method.NORMAL;
    if (counted.denominator() == 0) {
      return new KendallTau(Double.NaN, 1, method, n);
    }
    double tau = Math.clamp(counted.difference() / counted.denominator(), -1, 1);
    double p =
        switch (method) {
          case EXACT -> NullDistribution.exact(n, counted.difference());
          case ENUMERATED -> NullDistribution.enumerated(first, second, counted.difference());
          case NORMAL -> NullDistribution.normal(counted);
        };
    return new KendallTau(tau, p, method, n);
  }

  /// Whether the order is found again: p < `level` and τ > 0.
  public boolean significantlyPositive(double level) {
    return pValue < level && tau > 0;
  }

  private static void requireFinite(double[] values) {
    for (double value : values) {
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException(
            "ranks need finite values; got " + Arrays.toString(values));
      }
    }
  }
}
