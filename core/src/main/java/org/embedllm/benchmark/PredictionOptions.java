package org.embedllm.benchmark;

/// How accuracy on an unseen benchmark is predicted and judged.
///
/// @param splits number of random splits of the models, at least 1
/// @param testFraction share of the eligible models left out in a split, in (0, 1)
/// @param leastTestModels minimum number left out, for any share
/// @param leastAnswers answers a model needs on the benchmark, and as many elsewhere, to be
///   eligible
/// @param leastModels eligible models below which no count of significant splits is given
/// @param level of significance of Kendall's τ, in (0, 1)
/// @param seed of the splits
public record PredictionOptions(
    int splits,
    double testFraction,
    int leastTestModels,
    int leastAnswers,
    int leastModels,
    double level,
    long seed) {
  /// 100 splits with 20 % and at least 10 of the models left out; models with at least 50 answers
  /// on both sides; 5 %.
  public static final PredictionOptions DEFAULT =
      new PredictionOptions(100, 0.2, 10, 50, 20, 0.05, 0);

  public PredictionOptions {
    if (splits < 1 || leastTestModels < 2 || leastAnswers < 1 || leastModels < 1) {
      throw new IllegalArgumentException("counts must be positive: " + splits);
    }
    if (!(testFraction > 0 && testFraction < 1 && level > 0 && level < 1)) {
      throw new IllegalArgumentException("fractions must be between 0 and 1");
    }
  }

  public PredictionOptions withSeed(long newSeed) {
    return new PredictionOptions(
        splits, testFraction, leastTestModels, leastAnswers, leastModels, level, newSeed);
  }

  public PredictionOptions withSplits(int newSplits) {
    return new PredictionOptions(
        newSplits, testFraction, leastTestModels, leastAnswers, leastModels, level, seed);
  }

  /// Number of models left out of `eligible` ones.
  int testModels(int eligible) {
    return Math.max((int) Math.round(testFraction * eligible), leastTestModels);
  }
}
