package org.embedllm.benchmark;

import java.util.Arrays;
import org.apache.commons.statistics.distribution.NormalDistribution;

/// Two-sided p-values of Kendall's S when every pairing of the two samples is equally likely.
final class NullDistribution {
  private NullDistribution() {}

  /// P(|S'| ≥ |S|) over all n! orders of n distinct values.
  ///
  /// The number of orders of n values with k inversions follows from that of n − 1 values: the last
  /// value adds 0 to n − 1 inversions. Probabilities instead of counts, divided by n at each step,
  /// neither overflow nor, for n up to [KendallTau#MOST_EXACT], lose the small tail.
  static double exact(int n, long difference) {
    long pairs = n * (n - 1L) / 2;
    int inversions = Math.toIntExact((pairs - Math.abs(difference)) / 2);
    double[] probability = new double[inversions + 1]; // [inversions + 1], P(k inversions)
    double[] next = new double[inversions + 1];
    probability[0] = 1;
    for (int size = 2; size <= n; size++) {
      double window = 0;
      for (int k = 0; k <= inversions; k++) {
        window += probability[k];
        if (k >= size) {
          window -= probability[k - size];
        }
        next[k] = Math.max(0, window) / size;
      }
      double[] swap = probability;
      probability = next;
      next = swap;
    }
    double tail = Arrays.stream(probability).sum();
    return difference == 0 ? 1 : Math.min(1, 2 * tail);
  }

  /// P(|S'| ≥ |S|) over all pairings, each distinguishable order of the second sample once.
  static double enumerated(double[] first, double[] second, long difference) {
    double[] sorted = Arrays.stream(second).map(value -> value + 0.0).sorted().toArray();
    return new Enumeration(first, sorted, Math.abs(difference)).pValue();
  }

  /// P(|Z| ≥ |S| / √variance) of a standard normal Z.
  static double normal(Concordance counted) {
    double z = Math.abs(counted.difference()) / Math.sqrt(counted.variance());
    return 2 * NormalDistribution.of(0, 1).survivalProbability(z);
  }

  /// A walk over all distinguishable orders of a sample with ties.
  private static final class Enumeration {
    private final double[] first; // [n]
    private final double[] values; // [n], ascending
    private final long atLeast;
    private final double[] placed; // [n], the order in the making
    private final boolean[] used; // [n]
    private long orders;
    private long extreme;

    Enumeration(double[] first, double[] values, long atLeast) {
      this.first = first;
      this.values = values;
      this.atLeast = atLeast;
      this.placed = new double[values.length];
      this.used = new boolean[values.length];
    }

    double pValue() {
      place(0, 0);
      return (double) extreme / orders;
    }

    private void place(int position, long difference) {
      if (position == values.length) {
        orders++;
        extreme += Math.abs(difference) >= atLeast ? 1 : 0;
        return;
      }
      for (int k = 0; k < values.length; k++) {
        boolean sameAsSkipped = k > 0 && values[k] == values[k - 1] && !used[k - 1];
        if (!used[k] && !sameAsSkipped) {
          used[k] = true;
          placed[position] = values[k];
          place(position + 1, difference + gained(position));
          used[k] = false;
        }
      }
    }

    private long gained(int position) {
      long sum = 0;
      for (int before = 0; before < position; before++) {
        double sign =
            Math.signum(first[position] - first[before])
                * Math.signum(placed[position] - placed[before]);
        sum += (long) sign;
      }
      return sum;
    }
  }
}
