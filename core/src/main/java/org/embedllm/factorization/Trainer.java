package org.embedllm.factorization;

import java.util.Map;

/// A way to make a pool's forecaster: answers in, model out. Implementations are immutable and safe
/// for use by several threads; the same problem and seed give the same bytes whatever the number of
/// threads.
public interface Trainer {
  /// Fits a model.
  ///
  /// @param listener hears of each epoch
  TrainingResult train(TrainingProblem problem, TrainingListener listener);

  /// Every setting that has an influence on the result, by name, for the provenance.
  Map<String, String> settings(TrainingProblem problem);

  /// The seed of all chance.
  long seed();

  /// Threads that share the work; no influence on the result.
  int threads();
}
