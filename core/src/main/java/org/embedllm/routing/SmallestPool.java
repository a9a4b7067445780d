package org.embedllm.routing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.forecast.PairedDifference;

/// The smallest pool whose routed quality is at least 99 % of the whole pool's, with 95 %
/// confidence.
///
/// On every other question models are added greedily, the one that raises the quality most first,
/// until they are as good as all together. On the questions between, the pools that this gave are
/// tested from the whole pool downwards, each with a one-sided paired 95 % bound, until one fails;
/// the last that passed is taken.
///
/// @param models `[m]` whether a model belongs to it
/// @param quality its right answers minus 99 % of the whole pool's, on the questions it was tested
///   on
record SmallestPool(List<Boolean> models, PairedDifference quality) {
  private static final double SHARE = 0.99; // of the whole pool's quality

  SmallestPool {
    models = List.copyOf(models);
  }

  /// @param evidence questions to choose on, with forecasts that did not see their answers
  static SmallestPool of(List<PricedForecasts> evidence) {
    boolean[] priced = evidence.getFirst().priced();
    SmallestPool chosen = tested(evidence, priced);
    List<Integer> order = order(evidence, priced);
    boolean[] pool = new boolean[priced.length];
    order.forEach(i -> pool[i] = true);
    for (int size = order.size(); size >= 1; size--) {
      SmallestPool next = tested(evidence, pool);
      if (!(next.quality().lowerBound() >= 0)) {
        break;
      }
      chosen = next;
      pool[order.get(size - 1)] = false;
    }
    return chosen;
  }

  /// Priced models in the order in which they are added, until they are as good as all of them.
  private static List<Integer> order(List<PricedForecasts> evidence, boolean[] priced) {
    double wanted = rightAnswers(evidence, priced);
    List<Integer> order = new ArrayList<>();
    boolean[] pool = new boolean[priced.length];
    double reached = Double.NEGATIVE_INFINITY;
    while (reached < wanted) {
      int best = -1;
      double highest = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < pool.length; i++) {
        if (!pool[i] && priced[i]) {
          pool[i] = true;
          double right = rightAnswers(evidence, pool);
          if (right > highest) {
            highest = right;
            best = i;
          }
          pool[i] = false;
        }
      }
      pool[best] = true;
      order.add(best);
      reached = highest;
    }
    return order;
  }

  /// Right answers to every other question: one outside what the pool answers counts as wrong.
  private static double rightAnswers(List<PricedForecasts> evidence, boolean[] pool) {
    double right = 0;
    for (PricedForecasts part : evidence) {
      int[] choices = part.choose(0, pool);
      for (int j = 0; j < choices.length; j += 2) {
        right += isRight(part, choices[j], j) ? 1 : 0;
      }
    }
    return right;
  }

  private static SmallestPool tested(List<PricedForecasts> evidence, boolean[] pool) {
    List<Boolean> models = new ArrayList<>();
    for (boolean own : pool) {
      models.add(own);
    }
    double[] differences = new double[0];
    for (PricedForecasts part : evidence) {
      double[] own = differences(part, pool);
      int half = own.length / 2;
      int before = differences.length;
      differences = Arrays.copyOf(differences, before + half);
      for (int k = 0; k < half; k++) {
        differences[before + k] = own[2 * k + 1];
      }
    }
    return new SmallestPool(models, PairedDifference.of(differences));
  }

  /// What a question adds to the pool's quality minus 99 % of the whole pool's; NaN without a
  /// candidate.
  private static double[] differences(PricedForecasts questions, boolean[] pool) {
    int[] all = questions.choose(0, questions.priced());
    int[] own = questions.choose(0, pool);
    double[] differences = new double[all.length];
    for (int j = 0; j < all.length; j++) {
      differences[j] =
          all[j] < 0
              ? Double.NaN
              : (isRight(questions, own[j], j) ? 1 : 0)
                  - SHARE * (isRight(questions, all[j], j) ? 1 : 0);
    }
    return differences;
  }

  private static boolean isRight(PricedForecasts questions, int model, int question) {
    return model >= 0 && CorrectnessMatrix.isCorrect(questions.answers().score(model, question));
  }

  /// What each of other questions adds to its quality minus 99 % of the whole pool's.
  double[] differences(PricedForecasts questions) {
    return differences(questions, allowed());
  }

  /// Whether these questions contradict that it keeps 99 % of the whole pool's quality.
  boolean brokenOn(PricedForecasts questions) {
    return PairedDifference.of(differences(questions)).breaks(0);
  }

  boolean[] allowed() {
    boolean[] allowed = new boolean[models.size()];
    for (int i = 0; i < allowed.length; i++) {
      allowed[i] = models.get(i);
    }
    return allowed;
  }

  List<String> names(PricedForecasts questions) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < models.size(); i++) {
      if (models.get(i)) {
        names.add(questions.answers().models().get(i));
      }
    }
    return names;
  }
}
