package org.embedllm.factorization;

/// Hears how training goes, on the thread that trains.
@FunctionalInterface
public interface TrainingListener {
  /// Hears nothing.
  TrainingListener NONE = report -> {};

  void epochDone(EpochReport report);
}
