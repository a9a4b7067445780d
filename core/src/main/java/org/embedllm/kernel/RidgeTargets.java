package org.embedllm.kernel;

/// What a regression is fitted to: some numbers of each training question.
interface RidgeTargets {
  /// One number.
  ///
  /// @param question row of the training question
  /// @param target which of its numbers
  double score(int question, int target);
}
