package org.embedllm.routing;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;

/// The single model with the highest accuracy on the training questions.
///
/// Models that answered at least 90 % of the training questions are ordered by falling accuracy
/// (then by more answers). The others follow by falling number of answers, so where no model
/// answered 90 % the one with most answers is first. On each question the first model with an
/// answer to it counts as the single best.
public final class SingleBest {
  /// Share of the questions that a model must have answered for its accuracy to be comparable.
  public static final double COVERAGE = 0.9;

  private final List<Integer> order; // models, the best first

  private SingleBest(List<Integer> order) {
    this.order = order;
  }

  /// Chosen over all training questions.
  public static SingleBest overall(AnswerCounts training) {
    List<Standing> standings = new ArrayList<>();
    for (int i = 0; i < training.models().size(); i++) {
      standings.add(new Standing(i, training.cells(i), training.correct(i), training.questions()));
    }
    return ranked(standings);
  }

  /// Chosen over the training questions of one benchmark; over all of them where the benchmark had
  /// none.
  public static SingleBest on(String benchmark, AnswerCounts training) {
    if (training.questions(benchmark) == 0) {
      return overall(training);
    }
    List<Standing> standings = new ArrayList<>();
    for (int i = 0; i < training.models().size(); i++) {
      standings.add(
          new Standing(
              i,
              training.cells(i, benchmark),
              training.correct(i, benchmark),
              training.questions(benchmark)));
    }
    return ranked(standings);
  }

  private record Standing(int model, int cells, int correct, int questions) {
    boolean eligible() {
      return cells >= COVERAGE * questions && cells > 0;
    }

    double accuracy() {
      return eligible() ? (double) correct / cells : 0;
    }
  }

  private static SingleBest ranked(List<Standing> standings) {
    standings.sort(
        Comparator.comparing(Standing::eligible)
            .thenComparingDouble(Standing::accuracy)
            .thenComparingInt(Standing::cells)
            .reversed()
            .thenComparingInt(Standing::model));
    return new SingleBest(standings.stream().map(Standing::model).toList());
  }

  /// The model itself.
  public int model() {
    return order.getFirst();
  }

  /// The model that counts as the single best on a question; empty where no model answered.
  public OptionalInt model(CorrectnessMatrix answers, int question) {
    for (int model : order) {
      if (!Float.isNaN(answers.score(model, question))) {
        return OptionalInt.of(model);
      }
    }
    return OptionalInt.empty();
  }
}
