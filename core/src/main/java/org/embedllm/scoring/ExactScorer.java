package org.embedllm.scoring;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.embedllm.correctness.Reference;

/// The same text but for letter case, punctuation at words' edges, and articles.
public record ExactScorer() implements AnswerScorer {
  @Override
  public OptionalDouble score(String output, Reference reference) {
    String answer = FinalAnswer.withoutReasoning(output);
    if (answer.isEmpty() || reference.answer().isBlank()) {
      return OptionalDouble.empty();
    }
    String right = PlainText.of(reference.answer());
    List<String> places = new ArrayList<>(List.of(answer));
    FinalAnswer.explicit(answer).stream().limit(1).forEach(places::add);
    if (places.size() == 1) {
      places.add(FinalAnswer.lastLine(answer));
    }
    boolean same = places.stream().anyMatch(place -> PlainText.of(place).equals(right));
    return OptionalDouble.of(same ? 1 : 0);
  }

  @Override
  public String instruction() {
    return "End with the line \"Answer: X\", where X is the answer alone.";
  }

  @Override
  public String name() {
    return "exact";
  }
}
