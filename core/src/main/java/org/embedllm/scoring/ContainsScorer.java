package org.embedllm.scoring;

import java.util.OptionalDouble;
import org.embedllm.correctness.Reference;

/// The right answer's words are in the output, in their order.
public record ContainsScorer() implements AnswerScorer {
  @Override
  public OptionalDouble score(String output, Reference reference) {
    String answer = FinalAnswer.withoutReasoning(output);
    if (answer.isEmpty() || reference.answer().isBlank()) {
      return OptionalDouble.empty();
    }
    String right = " " + PlainText.of(reference.answer()) + " ";
    return OptionalDouble.of((" " + PlainText.of(answer) + " ").contains(right) ? 1 : 0);
  }

  @Override
  public String instruction() {
    return "";
  }

  @Override
  public String name() {
    return "contains";
  }
}
