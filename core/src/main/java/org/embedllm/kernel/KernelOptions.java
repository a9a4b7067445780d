package org.embedllm.kernel;

import java.util.List;

/// How the kernel forecaster is trained; see [KernelFactorizationTrainer].
///
/// @param landmarks r, most landmarks; fewer distinct training questions give fewer, 1 to 16,384
/// @param rounds of k-means that move landmarks to the center of similar questions, 0 to 100
/// @param gammaScale kernel exponent at the median similarity: `γ (1 − median cosine)`, positive; a
///   larger value uses nearer questions only
/// @param ridges λ that each component chooses from by leave-one-out error, positive
/// @param dimensions numbers of components to choose from on validation, each at least 1
/// @param jitter added to the diagonal of the landmark kernel, positive
/// @param contentShare what the kernel of sentence and content counts where the surface is usual,
///   in [0, 1]; where the surface is unfamiliar it counts alone
/// @param seed of where the landmarks start; the same seed gives the same bytes
/// @param attributesKnown share of prompts whose attributes will be known in use, 0 to 1; with 0
///   attributes are left out
/// @param threads that share the work, 1 to 1,024; no influence on the result
public record KernelOptions(
    int landmarks,
    int rounds,
    double gammaScale,
    List<Double> ridges,
    List<Integer> dimensions,
    double jitter,
    double contentShare,
    long seed,
    double attributesKnown,
    int threads) {
  /// The best settings known.
  public static final KernelOptions DEFAULT =
      new KernelOptions(
          2_048,
          6,
          2.7,
          List.of(1.0, 2.5, 6.0, 15.0, 40.0),
          List.of(6, 12, 24, 48),
          1e-3,
          0.4,
          0,
          1,
          Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 1_024));

  public KernelOptions {
    ridges = List.copyOf(ridges);
    dimensions = List.copyOf(dimensions);
    require(landmarks >= 1 && landmarks <= 16_384, "landmarks must be from 1 to 16384", landmarks);
    require(rounds >= 0 && rounds <= 100, "rounds must be from 0 to 100", rounds);
    require(
        gammaScale > 0 && gammaScale <= 1_000,
        "gamma scale must be above 0 and at most 1000",
        gammaScale);
    require(
        !ridges.isEmpty() && ridges.stream().allMatch(l -> l > 0),
        "ridges must be positive",
        ridges);
    require(
        !dimensions.isEmpty() && dimensions.stream().allMatch(d -> d >= 1),
        "dimensions must be at least 1",
        dimensions);
    require(jitter > 0 && jitter < 1, "jitter must lie between 0 and 1", jitter);
    require(
        contentShare >= 0 && contentShare <= 1, "contentShare must be from 0 to 1", contentShare);
    require(
        attributesKnown >= 0 && attributesKnown <= 1,
        "attributesKnown must be from 0 to 1",
        attributesKnown);
    require(threads >= 1 && threads <= 1_024, "threads must be from 1 to 1024", threads);
  }

  private static void require(boolean condition, String rule, Object got) {
    if (!condition) {
      throw new IllegalArgumentException(rule + "; got " + got);
    }
  }

  public KernelOptions withLandmarks(int value) {
    return new KernelOptions(
        value,
        rounds,
        gammaScale,
        ridges,
        dimensions,
        jitter,
        contentShare,
        seed,
        attributesKnown,
        threads);
  }

  public KernelOptions withRounds(int value) {
    return new KernelOptions(
        landmarks,
        value,
        gammaScale,
        ridges,
        dimensions,
        jitter,
        contentShare,
        seed,
        attributesKnown,
        threads);
  }

  public KernelOptions withRidges(List<Double> value) {
    return new KernelOptions(
        landmarks,
        rounds,
        gammaScale,
        value,
        dimensions,
        jitter,
        contentShare,
        seed,
        attributesKnown,
        threads);
  }

  public KernelOptions withDimensions(List<Integer> value) {
    return new KernelOptions(
        landmarks,
        rounds,
        gammaScale,
        ridges,
        value,
        jitter,
        contentShare,
        seed,
        attributesKnown,
        threads);
  }

  public KernelOptions withSeed(long value) {
    return new KernelOptions(
        landmarks,
        rounds,
        gammaScale,
        ridges,
        dimensions,
        jitter,
        contentShare,
        value,
        attributesKnown,
        threads);
  }

  public KernelOptions withAttributesKnown(double value) {
    return new KernelOptions(
        landmarks,
        rounds,
        gammaScale,
        ridges,
        dimensions,
        jitter,
        contentShare,
        seed,
        value,
        threads);
  }

  public KernelOptions withThreads(int value) {
    return new KernelOptions(
        landmarks,
        rounds,
        gammaScale,
        ridges,
        dimensions,
        jitter,
        contentShare,
        seed,
        attributesKnown,
        value);
  }
}
