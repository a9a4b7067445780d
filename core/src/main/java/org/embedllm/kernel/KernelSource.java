package org.embedllm.kernel;

import org.embedllm.linalg.Kernels;
import org.embedllm.linalg.Workers;
import org.embedllm.tensor.FloatMatrix;

/// One kernel and the regressions on it: what it says of the training questions, each by a fit
/// without it.
final class KernelSource {
  private final FloatMatrix vectors; // [n, q]
  private final LandmarkKernel landmarks;
  private final FloatMatrix kernel; // [n, r]
  private final FloatMatrix landmarkKernel; // [r, r]
  private final LeaveOneOutRidge.Fit fit;

  private KernelSource(
      FloatMatrix vectors,
      LandmarkKernel landmarks,
      FloatMatrix kernel,
      FloatMatrix landmarkKernel,
      LeaveOneOutRidge.Fit fit) {
    this.vectors = vectors;
    this.landmarks = landmarks;
    this.kernel = kernel;
    this.landmarkKernel = landmarkKernel;
    this.fit = fit;
  }

  /// Chooses landmarks and fits all targets.
  ///
  /// @param vectors [n, q]
  /// @param count number of targets
  static KernelSource of(
      FloatMatrix vectors, RidgeTargets targets, int count, KernelOptions options, Workers workers) {
    LandmarkKernel landmarks = LandmarkKernel.choose(vectors, options, workers);
    FloatMatrix kernel = landmarks.map(vectors, workers);
    FloatMatrix landmarkKernel = landmarks.map(landmarks.landmarks(), workers);
    var ridge =
        new LeaveOneOutRidge(kernel, landmarkKernel, options.jitter(), Kernels.best(), workers);
    return new KernelSource(
        vectors, landmarks, kernel, landmarkKernel, ridge.fit(targets, count, options.ridges()));
  }

  LandmarkKernel landmarks() {
    return landmarks;
  }

  /// r, the number of landmarks.
  int count() {
    return landmarks.count();
  }

  double ridge(int target) {
    return fit.ridges()[target];
  }

  /// Share of a target's variance that left-out forecasts explain.
  double explained(int target) {
    return fit.explained()[target];
  }

  double intercept(int target) {
    return fit.intercepts()[target];
  }

  /// What a landmark adds to a target.
  double weight(int target, int landmark) {
    return fit.weights()[target * count() + landmark];
  }

  /// The forecast of a training question's target by a fit without it.
  double leftOut(int question, int target) {
    return fit.leftOut()[question * fit.dimension() + target];
  }

  /// Prior variance S = σ² / λ of a target.
  double variance(int target) {
    return fit.errors()[target] / fit.ridges()[target];
  }

  /// How far questions may lie from the training questions.
  ///
  /// @param form how many columns at the end of the vectors say nothing of the meaning
  /// @param variances S by coordinate of the projected question, [1, k]
  OutOfDistribution outOfDistribution(
      int form, FloatMatrix variances, KernelOptions options, Workers workers) {
    return OutOfDistributionFit.of(
        new OutOfDistributionFit.Ground(
            vectors, kernel, landmarks, landmarkKernel, fit.ridges()[0], options.jitter()),
        variances,
        new SemanticSimilarity(landmarks.features(), form),
        workers);
  }
}
