package org.embedllm.correctness;

/// What one more answer to a question is expected to score: the mean of a model's answers to it,
/// moved towards what all other answers say.
///
/// @param outside expected by all answers but the model's own to this question
/// @param share of the mean, in [0, 1]
public record ShrunkMean(double outside, double share) {
  /// The expected score.
  ///
  /// @param mean of the model's own answers to the question
  public double of(double mean) {
    return outside + share * (mean - outside);
  }

  /// Mean squared error where each of n answers in turn is left out and forecast from the others:
  /// with u = score − mean of an answer, the mean of the others is mean − u / (n − 1), so the error
  /// is (1 − share) (mean − outside) + (1 + share / (n − 1)) u, and the mean of u is 0.
  ///
  /// This has the share for n − 1 answers.
  ///
  /// @param mean of the n answers
  /// @param repeats n, at least 2
  /// @param variance sample variance of the n answers
  public double errorOfEach(double mean, double repeats, double variance) {
    double bias = (1 - share) * (mean - outside);
    double own = 1 + share / (repeats - 1);
    return bias * bias + own * own * variance * (repeats - 1) / repeats;
  }
}
