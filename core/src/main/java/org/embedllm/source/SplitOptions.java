package org.embedllm.source;

import java.util.Optional;

/// How questions are divided.
///
/// @param shares shares of a new split that replaces whatever the sources bring, or empty to keep a
///   split that they bring and to make one of [SplitShares#DEFAULT] where they bring none
/// @param seed seed of a split made here
/// @param grouping which questions a split made here keeps together
public record SplitOptions(Optional<SplitShares> shares, long seed, Grouping grouping) {
  /// Keep a split that is brought, else 80/10/10 with seed 0.
  public static final SplitOptions DEFAULT =
      new SplitOptions(Optional.empty(), 0, new Grouping.None());

  /// The column to group by, if any.
  public Optional<String> groupColumn() {
    return grouping instanceof Grouping.Column(String name) ? Optional.of(name) : Optional.empty();
  }

  public SplitOptions withShares(SplitShares value) {
    return new SplitOptions(Optional.of(value), seed, grouping);
  }

  public SplitOptions withSeed(long value) {
    return new SplitOptions(shares, value, grouping);
  }

  public SplitOptions withGrouping(Grouping value) {
    return new SplitOptions(shares, seed, value);
  }
}
