package org.embedllm.app.web.view;

import java.util.ArrayList;
import java.util.List;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.linalg.NormalQuantile;

/// How much better one model is than another on the questions that both answered.
///
/// The interval is Agresti and Min's (2005) for matched proportions: half a question more on each
/// side, and one on which both are alike. So it has a width where the models never differ.
///
/// @param better row of the model with the higher mean score on these questions
/// @param other row of the other one
/// @param difference of their mean scores, in [0, 1]; NaN without common questions
/// @param low lower end of its 95 % interval; NaN for fewer than five questions
/// @param high upper end
/// @param questions that both answered
public record ModelDifference(
    int better, int other, double difference, double low, double high, int questions) {
  private static final int FEWEST = 5; // questions for an interval
  private static final double ADDED = 2; // questions, half of them with a difference of one

  /// The differences of all pairs.
  ///
  /// @param ids rows of the models
  static List<ModelDifference> all(CorrectnessMatrix answers, List<Integer> ids) {
    List<ModelDifference> pairs = new ArrayList<>();
    for (int a = 0; a < ids.size(); a++) {
      for (int b = a + 1; b < ids.size(); b++) {
        pairs.add(of(answers, ids.get(a), ids.get(b)));
      }
    }
    return pairs;
  }

  static ModelDifference of(CorrectnessMatrix answers, int model, int other) {
    double sum = 0;
    double squares = 0;
    int questions = 0;
    for (int j = 0; j < answers.questionCount(); j++) {
      double difference = (double) answers.score(model, j) - answers.score(other, j);
      if (!Double.isNaN(difference)) {
        sum += difference;
        squares += difference * difference;
        questions++;
      }
    }
    int sign = sum < 0 ? -1 : 1;
    double n = questions + ADDED;
    double mean = Math.abs(sum) / n;
    double half =
        NormalQuantile.TWO_SIDED_95 * Math.sqrt(((squares + ADDED / 2) / n - mean * mean) / n);
    boolean few = questions < FEWEST;
    return new ModelDifference(
        sign < 0 ? other : model,
        sign < 0 ? model : other,
        questions == 0 ? Double.NaN : Math.abs(sum) / questions,
        few ? Double.NaN : Math.max(-1, mean - half),
        few ? Double.NaN : Math.min(1, mean + half),
        questions);
  }
}
