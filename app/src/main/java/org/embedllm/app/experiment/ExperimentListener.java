package org.embedllm.app.experiment;

/// Hears how far the experiments are. Called by several threads.
public interface ExperimentListener {
  /// Hears nothing.
  ExperimentListener NONE = (done, total, doing) -> {};

  /// @param done trainings and searches done, those taken from an earlier run included
  /// @param total all of them, over all experiments asked for
  /// @param doing what was done last
  void progress(long done, long total, String doing);
}
