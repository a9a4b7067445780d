package org.embedllm.probe;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The benchmarks that a training leaves out: one, or two in no particular order.
///
/// Leaving out i and j to test j is the same training as leaving out j and i to test i, so b
/// benchmarks take b (b + 1) / 2 trainings.
///
/// @param first the benchmark, or the alphabetically first of two
/// @param second the other one
public record Removal(String first, Optional<String> second) {
  public Removal {
    if (second.isPresent() && first.compareTo(second.get()) >= 0) {
      throw new IllegalArgumentException("two benchmarks in alphabetical order: " + first);
    }
  }

  /// One benchmark left out.
  public static Removal of(String benchmark) {
    return new Removal(benchmark, Optional.empty());
  }

  /// Two benchmarks left out, in either order.
  public static Removal of(String one, String other) {
    return one.compareTo(other) < 0
        ? new Removal(one, Optional.of(other))
        : new Removal(other, Optional.of(one));
  }

  /// Every training that the contributions among these benchmarks need: first the single ones, then
  /// the pairs.
  public static List<Removal> all(List<String> benchmarks) {
    List<Removal> removals = new ArrayList<>();
    benchmarks.forEach(benchmark -> removals.add(of(benchmark)));
    for (int i = 0; i < benchmarks.size(); i++) {
      for (int j = i + 1; j < benchmarks.size(); j++) {
        removals.add(of(benchmarks.get(i), benchmarks.get(j)));
      }
    }
    return List.copyOf(removals);
  }

  /// The benchmarks left out.
  public Set<String> benchmarks() {
    return second.map(other -> Set.of(first, other)).orElseGet(() -> Set.of(first));
  }

  /// The benchmarks left out, the first one first.
  public List<String> inOrder() {
    return second.map(other -> List.of(first, other)).orElseGet(() -> List.of(first));
  }
}
