package org.embedllm.benchmark;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/// What Kendall's τ counts in two paired samples: concordant minus discordant pairs, and the ties.
///
/// @param n length of each sample
/// @param difference S, concordant minus discordant pairs
/// @param first ties of the first sample
/// @param second ties of the second sample
record Concordance(int n, long difference, Ties first, Ties second) {
  /// Sums over the groups of equal values of one sample, t being the size of a group.
  ///
  /// @param pairs Σ t (t − 1) / 2
  /// @param triples Σ t (t − 1) (t − 2)
  /// @param weighted Σ t (t − 1) (2 t + 5)
  record Ties(double pairs, double triples, double weighted) {
    static Ties of(double[] values) {
      double[] sorted = canonical(values);
      Arrays.sort(sorted);
      double pairs = 0;
      double triples = 0;
      double weighted = 0;
      for (int from = 0, to; from < sorted.length; from = to) {
        to = from + 1;
        while (to < sorted.length && sorted[to] == sorted[from]) {
          to++;
        }
        double t = to - from;
        pairs += t * (t - 1) / 2;
        triples += t * (t - 1) * (t - 2);
        weighted += t * (t - 1) * (2 * t + 5);
      }
      return new Ties(pairs, triples, weighted);
    }
  }

  static Concordance of(double[] first, double[] second) {
    int n = first.length;
    double[] x = canonical(first);
    double[] y = canonical(second);
    int[] order =
        IntStream.range(0, n)
            .boxed()
            .sorted(Comparator.<Integer>comparingDouble(i -> x[i]).thenComparingDouble(i -> y[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double tiedInBoth = 0;
    for (int from = 0, to; from < n; from = to) {
      to = from + 1;
      while (to < n && x[order[to]] == x[order[from]] && y[order[to]] == y[order[from]]) {
        to++;
      }
      tiedInBoth += (to - from) * (to - from - 1.0) / 2;
    }
    double[] inOrder = Arrays.stream(order).mapToDouble(i -> y[i]).toArray();
    long discordant = exchanges(inOrder, new double[n], 0, n);
    Ties ties1 = Ties.of(first);
    Ties ties2 = Ties.of(second);
    double pairs = n * (n - 1.0) / 2;
    long difference =
        Math.round(pairs - ties1.pairs() - ties2.pairs() + tiedInBoth) - 2 * discordant;
    return new Concordance(n, difference, ties1, ties2);
  }

  /// √((n₀ − n₁)(n₀ − n₂)); 0 where one sample is constant.
  double denominator() {
    double pairs = n * (n - 1.0) / 2;
    return Math.sqrt(pairs - first.pairs()) * Math.sqrt(pairs - second.pairs());
  }

  boolean untied() {
    return first.pairs() == 0 && second.pairs() == 0;
  }

  /// Variance of S over all pairings, with ties in both samples (Kendall 1970, eq. 4.3).
  double variance() {
    double size = n;
    double tripled = size * (size - 1) * (size - 2);
    double untied = size * (size - 1) * (2 * size + 5);
    return (untied - first.weighted() - second.weighted()) / 18
        + (n > 2 ? first.triples() * second.triples() / (9 * tripled) : 0)
        + 4 * first.pairs() * second.pairs() / (2 * size * (size - 1));
  }

  /// Sorts `values[from, to)` and counts the exchanges of a bubble sort: the pairs in wrong order.
  private static long exchanges(double[] values, double[] spare, int from, int to) {
    if (to - from < 2) {
      return 0;
    }
    int middle = (from + to) >>> 1;
    long count = exchanges(values, spare, from, middle) + exchanges(values, spare, middle, to);
    int left = from;
    int right = middle;
    for (int at = from; at < to; at++) {
      if (right == to || (left < middle && values[left] <= values[right])) {
        spare[at] = values[left++];
      } else {
        spare[at] = values[right++];
        count += middle - left;
      }
    }
    System.arraycopy(spare, from, values, from, to - from);
    return count;
  }

  /// A copy in which −0 is 0, so that sorting and `==` agree on what is equal.
  private static double[] canonical(double[] values) {
    return Arrays.stream(values).map(value -> value + 0.0).toArray();
  }
}
