package org.embedllm.client;

import java.util.OptionalDouble;
import org.embedllm.artifact.RightFrom;

/// What a training may be told. Immutable.
///
/// @param rightFrom the score, above 0 and at most 1, from which an answer is right, a lower one
///   wrong; empty where graded scores count as they are
/// @param outputs whether the model file keeps what each model writes: the mean vector of at most
///   100 of its answers' texts. The data set must have texts
public record TrainingChoices(OptionalDouble rightFrom, boolean outputs) {
  /// Scores as they are, and no texts.
  public static final TrainingChoices DEFAULT = new TrainingChoices(OptionalDouble.empty(), false);

  /// @throws IllegalArgumentException when the threshold is not above 0 and at most 1
  public TrainingChoices {
    if (rightFrom.isPresent() && !RightFrom.isScore(rightFrom.getAsDouble())) {
      throw new IllegalArgumentException(
          "a right answer's least score is above 0 and at most 1; got " + rightFrom.getAsDouble());
    }
  }

  /// The same with labels: a score from the threshold on is right, a lower one wrong.
  ///
  /// @throws IllegalArgumentException when the threshold is not above 0 and at most 1
  public TrainingChoices withRightFrom(double threshold) {
    return new TrainingChoices(OptionalDouble.of(threshold), outputs);
  }

  /// The same, keeping what models write.
  public TrainingChoices withOutputs() {
    return new TrainingChoices(rightFrom, true);
  }
}
