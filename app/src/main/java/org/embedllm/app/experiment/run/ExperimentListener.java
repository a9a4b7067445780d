package org.embedllm.app.experiment.run;

/// Is told the progress of the experiments. Called by several threads.
public interface ExperimentListener {
  /// Hears nothing.
  ExperimentListener NONE = (done, total, doing) -> {};

  /// @param done finished trainings and searches, with those of an earlier run
  /// @param total all of them, over all requested experiments
  /// @param doing the last finished step
  void progress(long done, long total, String doing);
}
