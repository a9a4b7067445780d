package org.embedllm.kernel;

import org.embedllm.linalg.Kernels;
import org.embedllm.linalg.Workers;
import org.embedllm.tensor.FloatMatrix;

/// One kernel and the regressions on it: what it says of the training questions, each by a fit
/// without it.
final class KernelSource {
  private final LandmarkKernel landmarks;
  private final RidgeFit fit;
  private final FloatMatrix nearness; // [1, 5]

  private KernelSource(LandmarkKernel landmarks, RidgeFit fit, FloatMatrix nearness) {
    this.landmarks = landmarks;
    this.fit = fit;
    this.nearness = nearness;
  }

  /// Chooses landmarks and fits all targets. The kernel [n, r] of the training questions, the
  /// largest matrix of a training, is not kept.
  ///
  /// @param vectors [n, q]
  /// @param surface how many columns at the end of the vectors say nothing of the meaning
  /// @param count number of targets
  static KernelSource of(
      FloatMatrix vectors,
      int surface,
      RidgeTargets targets,
      int count,
      KernelOptions options,
      PhaseClock clock,
      Workers workers) {
    double n = vectors.rows();
    LandmarkKernel landmarks = LandmarkKernel.choose(vectors, options, workers);
    double r = landmarks.count();
    clock.done("landmarks", 2 * n * r * vectors.columns());
    KernelMatrix kernel = landmarks.map(vectors, workers);
    FloatMatrix landmarkKernel = landmarks.amongLandmarks(workers);
    clock.done("kernel", 2 * (n + r) * r * vectors.columns());
    var ridge =
        new LeaveOneOutRidge(kernel, landmarkKernel, options.jitter(), Kernels.best(), workers);
    clock.done("Gram matrix", n * r * r);
    RidgeFit fit = ridge.fit(targets, count, options.ridges());
    // for each λ a factor, its inverse, leverages and predictions
    clock.done(
        "ridge regressions",
        options.ridges().size() * (2 * r * r * r / 3 + n * r * r + 2 * n * r * count)
            + 2 * n * r * count);
    var ground =
        new OutOfDistributionFit.Ground(
            vectors,
            kernel,
            landmarks,
            landmarkKernel,
            fit.dimension() > 0 && fit.tells(0)
                ? fit.ridge(0)
                : options.ridges().stream().mapToDouble(l -> l).max().orElseThrow(),
            options.jitter());
    FloatMatrix nearness =
        OutOfDistributionFit.nearness(
            ground, new SemanticSimilarity(landmarks.features(), surface), workers);
    clock.done("distance from training", n * r * r / 4);
    return new KernelSource(landmarks, fit, nearness);
  }

  LandmarkKernel landmarks() {
    return landmarks;
  }

  /// r, the number of landmarks.
  int count() {
    return landmarks.count();
  }

  /// Whether this kernel tells a target; where it does not, its forecast is the mean.
  boolean tells(int target) {
    return fit.tells(target);
  }

  double ridge(int target) {
    return fit.ridge(target);
  }

  /// Share of a target's variance that leave-one-out predictions explain.
  double explained(int target) {
    return fit.explained(target);
  }

  double intercept(int target) {
    return tells(target) ? fit.intercept(target) : fit.mean(target);
  }

  /// What a landmark adds to a target.
  double weight(int target, int landmark) {
    return tells(target) ? fit.weight(target, landmark) : 0;
  }

  /// The forecast of a training question's target by a fit without it.
  double leftOut(int question, int target) {
    return tells(target) ? fit.leftOut(question, target) : fit.mean(target);
  }

  /// Prior variance S = σ² / λ of a target.
  double variance(int target) {
    return fit.error(target) / fit.ridge(target);
  }

  /// How far questions may lie from the training questions ([OutOfDistribution#nearness]), [1, 5].
  FloatMatrix nearness() {
    return nearness;
  }
}
