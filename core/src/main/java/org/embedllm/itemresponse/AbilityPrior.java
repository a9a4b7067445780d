package org.embedllm.itemresponse;

/// What is known of a model's ability before its first answer.
///
/// @param mean in standard deviations of the pool's abilities, from the pool's mean
/// @param variance in the same units, positive
public record AbilityPrior(double mean, double variance) {
  /// Nothing but that it is a model like those of the pool.
  public static final AbilityPrior POOL = new AbilityPrior(0, 1);

  public AbilityPrior {
    if (!Double.isFinite(mean) || !(variance > 0)) {
      throw new IllegalArgumentException(
          "a prior has a finite mean and a positive variance; got %s, %s"
              .formatted(mean, variance));
    }
  }
}
