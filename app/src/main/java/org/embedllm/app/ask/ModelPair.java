package org.embedllm.app.ask;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/// Two models, whose answers are compared. Their order says nothing.
///
/// @param first in the order of names
/// @param second the other one
record ModelPair(String first, String second) {
  static ModelPair of(String one, String other) {
    return one.compareTo(other) <= 0 ? new ModelPair(one, other) : new ModelPair(other, one);
  }

  /// Pairs drawn at random for a question. Whether one pair comes before another depends on the
  /// question and their names alone, not on which other models have answered.
  ///
  /// @param known pairs that were compared already; they are not drawn, but count
  /// @param most pairs of the question
  static List<ModelPair> draw(
      String question, Collection<String> models, Set<ModelPair> known, int most) {
    List<String> names = models.stream().sorted().distinct().toList();
    List<ModelPair> pairs = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      for (int k = i + 1; k < names.size(); k++) {
        pairs.add(new ModelPair(names.get(i), names.get(k)));
      }
    }
    return pairs.stream()
        .filter(pair -> !known.contains(pair))
        .sorted(
            Comparator.comparingLong((ModelPair pair) -> pair.place(question))
                .thenComparing(ModelPair::first)
                .thenComparing(ModelPair::second))
        .limit(Math.max(0, most - known.size()))
        .toList();
  }

  private long place(String question) {
    int seed = String.join("\n", question, first, second).hashCode();
    return new SplittableRandom(seed).nextLong();
  }
}
