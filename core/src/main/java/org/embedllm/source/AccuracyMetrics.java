package org.embedllm.source;

import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/// Names of metrics that say right or wrong, or a share of right; others can be in [0, 1] by
/// chance.
public final class AccuracyMetrics {
  private static final Set<String> NAMES =
      Set.of(
          "exact_match",
          "acc",
          "acc_norm",
          "accuracy",
          "em",
          "mc1",
          "mc2",
          "pass@1",
          "pass_at_1",
          "prompt_level_strict_acc",
          "prompt_level_loose_acc",
          "math_verify",
          "extractive_match",
          "bleu_acc",
          "contains",
          "correct",
          "f1");

  private AccuracyMetrics() {}

  /// The first of some names that is such a metric.
  public static Optional<String> first(Collection<String> names) {
    return names.stream().filter(NAMES::contains).findFirst();
  }
}
