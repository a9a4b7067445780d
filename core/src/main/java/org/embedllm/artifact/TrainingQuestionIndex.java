package org.embedllm.artifact;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.correctness.Question;

/// Finds training questions by id, or else by text.
public final class TrainingQuestionIndex {
  private final List<Question> known;
  private final Map<String, Integer> byId = new HashMap<>();
  private final Map<String, Integer> byText = new HashMap<>();

  /// @param known the training questions, in row order
  public TrainingQuestionIndex(List<Question> known) {
    this.known = List.copyOf(known);
    for (int j = 0; j < known.size(); j++) {
      byId.put(known.get(j).id(), j);
      byText.putIfAbsent(known.get(j).text(), j);
    }
  }

  /// Row of a question, by id or else by text. A question without its own text (empty, or the id
  /// again) is found by its id alone.
  public Optional<Integer> find(Question question) {
    Integer row = byId.get(question.id());
    if (question.text().isEmpty()) {
      return Optional.ofNullable(row);
    }
    if (row == null || !known.get(row).text().equals(question.text())) {
      row =
          byText.getOrDefault(question.text(), question.text().equals(question.id()) ? row : null);
    }
    return Optional.ofNullable(row);
  }
}
