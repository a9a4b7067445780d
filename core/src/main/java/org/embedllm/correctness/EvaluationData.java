package org.embedllm.correctness;

import java.util.Map;

/// Everything that was imported about a pool of models: the answers, the split, and what a call
/// cost where the logs say so.
///
/// @param matrix answers, [m, n]
/// @param split the part of each of the n questions
/// @param callCosts mean cost of one call in USD by model name; a model without a known cost is
///   absent
/// @param digest SHA-256 (hex) over models, questions, split and cells: the same data, the same
///   digest
public record EvaluationData(
    CorrectnessMatrix matrix, QuestionSplit split, Map<String, Double> callCosts, String digest) {
  public EvaluationData {
    if (split.questionCount() != matrix.questionCount()) {
      throw new IllegalArgumentException(
          "the split has %d questions, the matrix %d"
              .formatted(split.questionCount(), matrix.questionCount()));
    }
    callCosts = Map.copyOf(callCosts);
  }

  /// The questions of one part, with all models.
  public CorrectnessMatrix part(SplitPart part) {
    return matrix.selectQuestions(split.questions(part));
  }
}
