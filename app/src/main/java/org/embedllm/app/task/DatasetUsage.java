package org.embedllm.app.task;

import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.ObservedUsage;
import org.embedllm.dataset.Dataset;

/// What the answers of a data set took.
///
/// @param matrix its answers
/// @param usage of the same answers
public record DatasetUsage(CorrectnessMatrix matrix, ObservedUsage usage) {
  public static DatasetUsage of(Dataset dataset) {
    return new DatasetUsage(dataset.data().matrix(), dataset.data().usage());
  }

  /// The usage of some of the answers, or of those of other models.
  public ObservedUsage of(CorrectnessMatrix answers) {
    return usage.aligned(matrix, answers);
  }
}
