package org.embedllm.scoring;

import java.util.OptionalDouble;
import org.embedllm.correctness.Reference;

/// Compares what a model wrote with what is right. Stateless.
public sealed interface AnswerScorer
    permits ChoiceScorer, ContainsScorer, ExactScorer, JsonScorer, NumberScorer, RegexScorer {
  /// The score of an answer.
  ///
  /// @param output what the model wrote, with or without its reasoning
  /// @param reference what is right
  /// @return in [0, 1]; empty where the scorer cannot read the output or the reference, which is
  ///   not the same as wrong
  OptionalDouble score(String output, Reference reference);

  /// How the model should write its answer, so that the scorer can read it; empty where any form
  /// will do.
  String instruction();

  /// Its text form, such as `choice` or `regex:PATTERN`.
  String name();
}
