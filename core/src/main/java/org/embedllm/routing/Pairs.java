package org.embedllm.routing;

import java.util.Arrays;
import org.embedllm.forecast.PairedDifference;

/// Two ways to choose models on the same questions, gathered over parts of the data. A question on
/// which either has no candidate does not count.
final class Pairs {
  private double[] differences = new double[0];
  private double[] spent = new double[0];
  private double[] otherwise = new double[0];

  void add(PricedForecasts questions, int[] choices, int[] others) {
    double[] right = questions.right(choices);
    double[] otherRight = questions.right(others);
    double[] difference = new double[right.length];
    for (int j = 0; j < right.length; j++) {
      difference[j] = right[j] - otherRight[j];
    }
    differences = joined(differences, difference);
    spent = joined(spent, questions.costs(choices));
    otherwise = joined(otherwise, questions.costs(others));
  }

  private static double[] joined(double[] first, double[] second) {
    double[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }

  PairedDifference quality() {
    return PairedDifference.of(differences);
  }

  Saving saving() {
    return Saving.of(spent, otherwise);
  }
}
