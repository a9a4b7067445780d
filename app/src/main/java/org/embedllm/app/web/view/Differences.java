package org.embedllm.app.web.view;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.embedllm.app.web.view.Comparison.Difference;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;

/// The questions on which some models differ most: by the variance of their scores, then by the
/// number of those that answered. Among questions with the same, each pattern of right and wrong
/// has its turn, in it first the questions the pool is least of one mind about.
final class Differences {
  private static final int MOST = 50;

  private final CorrectnessMatrix answers;
  private final List<Integer> ids;

  private Differences(CorrectnessMatrix answers, List<Integer> ids) {
    this.answers = answers;
    this.ids = ids;
  }

  /// @param variance of the scores of those that answered
  /// @param answered how many of the selected models did
  /// @param pattern who was right
  /// @param pool share of the pool's answers that are right
  private record Found(int question, double variance, int answered, String pattern, double pool) {}

  static List<Difference> of(CorrectnessMatrix answers, List<Integer> ids) {
    return new Differences(answers, ids).most();
  }

  private List<Difference> most() {
    List<Found> found = new ArrayList<>();
    for (int j = 0; j < answers.questionCount(); j++) {
      Found one = look(j);
      if (one.variance() > 0) {
        found.add(one);
      }
    }
    found.sort(
        Comparator.comparingDouble(Found::variance)
            .thenComparingInt(Found::answered)
            .reversed()
            .thenComparingDouble(f -> Math.abs(f.pool() - 0.5))
            .thenComparingInt(Found::question));
    List<Difference> chosen = new ArrayList<>();
    int from = 0;
    while (from < found.size() && chosen.size() < MOST) {
      int to = from;
      while (to < found.size() && sameRank(found.get(from), found.get(to))) {
        to++;
      }
      byTurns(found.subList(from, to), chosen);
      from = to;
    }
    return chosen;
  }

  private static boolean sameRank(Found one, Found other) {
    return one.variance() == other.variance() && one.answered() == other.answered();
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
    double sum = 0;
    double squares = 0;
    int answered = 0;
    StringBuilder pattern = new StringBuilder();
    for (int id : ids) {
      float score = answers.score(id, question);
      if (Float.isNaN(score)) {
        pattern.append('-');
      } else {
        answered++;
        sum += score;
        squares += (double) score * score;
        pattern.append(CorrectnessMatrix.isCorrect(score) ? '1' : '0');
      }
    }
    double mean = sum / Math.max(1, answered);
    double variance = answered < 2 ? 0 : Math.max(0, squares / answered - mean * mean);
    return new Found(question, variance, answered, pattern.toString(), pool(question));
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
