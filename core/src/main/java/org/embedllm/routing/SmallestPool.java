package org.embedllm.routing;

import java.util.ArrayList;
import java.util.List;
import org.embedllm.correctness.CorrectnessMatrix;

/// The smallest pool whose routed quality is almost that of the whole pool, found greedily: the
/// model that raises it most is added until it is good enough.
final class SmallestPool {
  private static final double SHARE = 0.99; // of the whole pool's quality

  private SmallestPool() {}

  /// @param questions on which quality is measured
  /// @return [m] whether a model belongs to it
  static boolean[] of(PricedForecasts questions) {
    double wanted = SHARE * questions.point("", questions.choose(0, questions.priced())).quality();
    boolean[] priced = questions.priced();
    boolean[] pool = new boolean[priced.length];
    double reached = Double.NEGATIVE_INFINITY;
    for (int size = 0; size < pool.length && !(reached >= wanted); size++) {
      int best = -1;
      double highest = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < pool.length; i++) {
        if (!pool[i] && priced[i]) {
          pool[i] = true;
          double right = rightAnswers(questions, questions.choose(0, pool));
          if (right > highest) {
            highest = right;
            best = i;
          }
          pool[i] = false;
        }
      }
      if (best < 0) {
        break;
      }
      pool[best] = true;
      reached = highest;
    }
    return pool;
  }

  /// Share of all questions that have a candidate that are answered correctly; a question that the
  /// pool did not answer counts as wrong.
  private static double rightAnswers(PricedForecasts questions, int[] choices) {
    int[] any = questions.choose(0, questions.priced());
    CorrectnessMatrix answers = questions.answers();
    int right = 0;
    int count = 0;
    for (int j = 0; j < choices.length; j++) {
      if (any[j] >= 0) {
        count++;
        right +=
            choices[j] >= 0 && CorrectnessMatrix.isCorrect(answers.score(choices[j], j)) ? 1 : 0;
      }
    }
    return count == 0 ? 0 : (double) right / count;
  }

  static List<String> names(PricedForecasts questions, boolean[] pool) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < pool.length; i++) {
      if (pool[i]) {
        names.add(questions.answers().models().get(i));
      }
    }
    return names;
  }
}
