package org.embedllm.factorization;

import java.nio.file.Path;
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

  /// Float values that a fitted model has about, or fewer: for a look at the disk before the work.
  ///
  /// @param questions n of the training
  /// @param dimension q of their vectors
  default long leastValues(int questions, int dimension) {
    return 0;
  }

  /// The same trainer, which writes down where it is and goes on from there. Trainers that keep no
  /// state return themselves.
  ///
  /// @param file of the state
  default Trainer withCheckpoint(Path file) {
    return this;
  }

  /// The seed of all chance.
  long seed();

  /// Threads that share the work; no influence on the result.
  int threads();
}
