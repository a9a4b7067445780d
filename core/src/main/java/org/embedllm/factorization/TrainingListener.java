package org.embedllm.factorization;

/// Is told the progress of training, on the training thread.
@FunctionalInterface
public interface TrainingListener {
  /// Hears nothing.
  TrainingListener NONE = report -> {};

  void epochDone(EpochReport report);

  /// A phase of a training without epochs has ended.
  default void phaseDone(TrainingPhase phase) {}
}
