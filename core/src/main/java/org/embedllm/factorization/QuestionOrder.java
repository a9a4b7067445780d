package org.embedllm.factorization;

/// In which order an epoch goes through the training questions.
public enum QuestionOrder {
  /// As they stand in the matrix, in every epoch: what the published code does.
  FILE,
  /// Shuffled anew in each epoch, by seed and epoch.
  SHUFFLED
}
