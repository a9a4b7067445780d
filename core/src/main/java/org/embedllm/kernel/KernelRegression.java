package org.embedllm.kernel;

import org.embedllm.factorization.FeatureMap;
import org.embedllm.linalg.Kernels;
import org.embedllm.linalg.Workers;
import org.embedllm.tensor.FloatMatrix;

/// What the text of a question says about numbers that go with it: kernel ridge regressions of
/// their principal components on landmarks, as for the components of the answers
/// ([KernelFactorizationTrainer], steps 1 to 3). Immutable.
///
/// @param features the landmarks and their kernel
/// @param projection [d, r], to the components, each divided by its standard deviation
/// @param bias [1, d]
/// @param inputs [n, 1 + d], for each question a constant 1 and the components as forecast by a fit
///   without it
public record KernelRegression(
    FeatureMap.Kernel features, FloatMatrix projection, FloatMatrix bias, FloatMatrix inputs) {
  /// Fits.
  ///
  /// @param vectors [n, q] of the questions, not all of them zero
  /// @param targets [n, c], each column of mean 0
  /// @param components d, at most; no more than there are columns
  /// @param options landmarks, ridges, seed and threads
  public static KernelRegression fit(
      FloatMatrix vectors, FloatMatrix targets, int components, KernelOptions options) {
    try (Workers workers = new Workers(options.threads())) {
      LandmarkKernel landmarks = LandmarkKernel.choose(vectors, options, workers);
      KernelMatrix kernel = landmarks.map(vectors, workers);
      FloatMatrix among = landmarks.amongLandmarks(workers);
      var ridge = new LeaveOneOutRidge(kernel, among, options.jitter(), Kernels.best(), workers);
      AnswerComponents wanted =
          AnswerComponents.of(targets.sharedArray(), targets.columns(), components, workers);
      RidgeFit fit = ridge.fit(wanted, wanted.count(), options.ridges());
      LeaveOneOutPredictions leftOut = LeaveOneOutPredictions.of(fit, vectors.rows());
      int d = fit.dimension();
      int r = landmarks.count();
      float[] projection = new float[d * r];
      float[] bias = new float[d];
      for (int c = 0; c < d; c++) {
        for (int i = 0; i < r; i++) {
          projection[c * r + i] = (float) (fit.weight(c, i) / leftOut.scale(c));
        }
        bias[c] = (float) (fit.intercept(c) / leftOut.scale(c));
      }
      return new KernelRegression(
          landmarks.features(),
          FloatMatrix.wrap(d, r, projection),
          FloatMatrix.wrap(1, d, bias),
          leftOut.inputs(d));
    }
  }
}
