package org.embedllm.routing;

import org.embedllm.correctness.AnswerCounts;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.forecast.NeighborVotes;
import org.embedllm.tensor.FloatMatrix;

/// The model a router takes on each question of a matrix, among those with an observed answer.
public final class RouterChoices {
  private RouterChoices() {}

  private interface Value {
    double of(int question, int model);
  }

  /// The candidate with the highest probability; ties go to the higher training accuracy, then to
  /// the first model.
  ///
  /// @param probabilities [n, m]
  /// @return `[n]`; −1 on a question without candidates
  public static int[] best(
      CorrectnessMatrix answers, FloatMatrix probabilities, AnswerCounts training) {
    return highest(answers, training, probabilities::get);
  }

  /// The candidate with the largest share of the neighbors' votes, ties like [#best].
  ///
  /// @return `[n]`; −1 on a question without candidates
  public static int[] byVotes(
      CorrectnessMatrix answers, NeighborVotes votes, AnswerCounts training) {
    return highest(answers, training, (j, i) -> votes.share(j, i, training));
  }

  private static int[] highest(CorrectnessMatrix answers, AnswerCounts training, Value value) {
    double[] accuracy = new double[answers.modelCount()];
    for (int i = 0; i < accuracy.length; i++) {
      accuracy[i] = training.cells(i) == 0 ? 0 : training.accuracy(i);
    }
    int[] choices = new int[answers.questionCount()];
    for (int j = 0; j < choices.length; j++) {
      int chosen = -1;
      double highest = Double.NEGATIVE_INFINITY;
      for (int c = answers.firstCell(j); c < answers.firstCell(j + 1); c++) {
        int model = answers.cellModel(c);
        double own = value.of(j, model);
        if (chosen < 0 || own > highest || (own == highest && accuracy[model] > accuracy[chosen])) {
          chosen = model;
          highest = own;
        }
      }
      choices[j] = chosen;
    }
    return choices;
  }
}
