package org.embedllm.app.web.view;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.embedllm.app.web.view.ModelComparison.Difference;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;

/// The questions on which some models differ most: by the sum over pairs of models of how far their
/// scores are apart, so an unasked model makes a question count less. Among equal ones, each
/// pattern of right and wrong has its turn, first the questions on which the pool agrees least.
final class Differences {
  private static final int MOST = 50;

  private final CorrectnessMatrix answers;
  private final List<Integer> ids;

  private Differences(CorrectnessMatrix answers, List<Integer> ids) {
    this.answers = answers;
    this.ids = ids;
  }

  /// @param apart sum over pairs of those that answered
  /// @param pattern who was right
  /// @param pool share of the pool's answers that are right
  private record Found(int question, double apart, String pattern, double pool) {}

  static List<Difference> of(CorrectnessMatrix answers, List<Integer> ids) {
    return new Differences(answers, ids).most();
  }

  private List<Difference> most() {
    List<Found> found = new ArrayList<>();
    for (int j = 0; j < answers.questionCount(); j++) {
      Found one = look(j);
      if (one.apart() > 0) {
        found.add(one);
      }
    }
    found.sort(
        Comparator.comparingDouble(Found::apart)
            .reversed()
            .thenComparingDouble(f -> Math.abs(f.pool() - 0.5))
            .thenComparingInt(Found::question));
    List<Difference> chosen = new ArrayList<>();
    int from = 0;
    while (from < found.size() && chosen.size() < MOST) {
      int to = from;
      while (to < found.size() && found.get(from).apart() == found.get(to).apart()) {
        to++;
      }
      byTurns(found.subList(from, to), chosen);
      from = to;
    }
    return chosen;
  }

  private void byTurns(List<Found> equals, List<Difference> chosen) {
    Map<String, List<Found>> patterns = new LinkedHashMap<>();
    equals.forEach(f -> patterns.computeIfAbsent(f.pattern(), _ -> new ArrayList<>()).add(f));
    for (int turn = 0; turn < equals.size() && chosen.size() < MOST; turn++) {
      for (List<Found> pattern : patterns.values()) {
        if (turn < pattern.size() && chosen.size() < MOST) {
          chosen.add(difference(pattern.get(turn)));
        }
      }
    }
  }

  private Found look(int question) {
    double apart = 0;
    StringBuilder pattern = new StringBuilder();
    for (int k = 0; k < ids.size(); k++) {
      float score = answers.score(ids.get(k), question);
      if (Float.isNaN(score)) {
        pattern.append('-');
        continue;
      }
      pattern.append(CorrectnessMatrix.isCorrect(score) ? '1' : '0');
      for (int before = 0; before < k; before++) {
        float other = answers.score(ids.get(before), question);
        apart += Float.isNaN(other) ? 0 : Math.abs((double) score - other);
      }
    }
    return new Found(question, apart, pattern.toString(), pool(question));
  }

  private double pool(int question) {
    int right = 0;
    for (int c = answers.firstCell(question); c < answers.firstCell(question + 1); c++) {
      right += CorrectnessMatrix.isCorrect(answers.cellScore(c)) ? 1 : 0;
    }
    return (double) right / answers.cellCount(question);
  }

  private Difference difference(Found found) {
    Question question = answers.questions().get(found.question());
    return new Difference(
        question.id(),
        question.benchmark(),
        Excerpt.of(question.text()),
        ids.stream().map(id -> (double) answers.score(id, found.question())).toList(),
        found.pool());
  }
}
