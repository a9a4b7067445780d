package org.embedllm.scoring;

import java.util.Optional;
import java.util.OptionalDouble;
import org.embedllm.correctness.Reference;
import tools.jackson.databind.JsonNode;

/// The same JSON: fields in any order, numbers by value. Of several the last one counts that is an
/// object, an array or a value as the reference is. An output without JSON is wrong.
public record JsonScorer() implements AnswerScorer {
  @Override
  public OptionalDouble score(String output, Reference reference) {
    String answer = FinalAnswer.withoutReasoning(output);
    Optional<JsonNode> right = JsonParts.last(reference.answer());
    if (answer.isEmpty() || right.isEmpty()) {
      return OptionalDouble.empty();
    }
    Optional<JsonNode> found =
        JsonParts.of(answer).reversed().stream()
            .filter(node -> node.getNodeType() == right.get().getNodeType())
            .findFirst();
    return OptionalDouble.of(
        found.isPresent() && right.get().equals(JsonScorer::compare, found.get()) ? 1 : 0);
  }

  /// 0 for values that are the same.
  private static int compare(JsonNode one, JsonNode other) {
    if (one.isNumber() && other.isNumber()) {
      return one.decimalValue().compareTo(other.decimalValue());
    }
    return one.equals(other) ? 0 : 1;
  }

  @Override
  public String instruction() {
    return "Answer with JSON alone.";
  }

  @Override
  public String name() {
    return "json";
  }
}
