package org.embedllm.factorization;

/// In which order an epoch goes through the training questions.
public enum TrainingOrder {
  /// The order of the matrix, in every epoch, as in the published code.
  FILE,
  /// Shuffled again in each epoch, by seed and epoch.
  SHUFFLED
}
