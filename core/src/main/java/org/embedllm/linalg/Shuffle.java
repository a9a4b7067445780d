package org.embedllm.linalg;

import java.util.random.RandomGenerator;

/// Random orders (Fisher and Yates, 1938; Durstenfeld, 1964): the same generator, the same order.
public final class Shuffle {
  private Shuffle() {}

  /// The values in a random order; the array that is given stays as it is.
  public static int[] of(int[] values, RandomGenerator random) {
    int[] order = values.clone();
    for (int k = order.length - 1; k > 0; k--) {
      int other = random.nextInt(k + 1);
      int kept = order[k];
      order[k] = order[other];
      order[other] = kept;
    }
    return order;
  }

  /// Swaps a random one of the values from a position on into that position: the next value of a
  /// sample without replacement.
  public static void next(int[] order, int at, RandomGenerator random) {
    int other = at + random.nextInt(order.length - at);
    int kept = order[at];
    order[at] = order[other];
    order[other] = kept;
  }
}
