package org.embedllm.itemresponse;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.embedllm.linalg.NormalQuantile;

/// Chooses the questions to ask a new model, so that its accuracy over all known questions becomes
/// certain with as few answers as possible. Stateless; the same answers give the same plan.
public final class QuestionPlanner {
  /*
   * The model's ability x = (θ, δ, η) has a posterior N(x̂, Σ); its accuracy over the known
   * questions has the variance cᵀ Σ c to first order, c = mean of p_j (1 − p_j) u_j. Asking question
   * j, whatever comes back, takes (cᵀ Σ u_j)² / (1 / (p_j (1 − p_j)) + u_jᵀ Σ u_j) off it: c-optimal
   * design (Chaloner and Verdinelli, 1995), one question after the other. Σ is brought forward by
   * the same rank-one update; x̂ stays until real answers come.
   *
   * The half-widths count chance and misfit of what is not asked too (Ability), which no choice
   * changes: below about twice the misfit they shrink only as questions run out.
   */

  private final ItemParameters known;

  public QuestionPlanner(ItemParameters known) {
    this.known = known;
  }

  /// The next questions to ask.
  ///
  /// @param questions rows of the questions, the most telling first
  /// @param halfWidth of the 95 % interval of the accuracy before asking
  /// @param expectedHalfWidth of it once they are answered
  /// @param complete whether the wanted half-width is reached already, so that nothing need be
  ///   asked
  public record Plan(
      List<Integer> questions, double halfWidth, double expectedHalfWidth, boolean complete) {
    public Plan {
      questions = List.copyOf(questions);
    }
  }

  /// Plans a batch.
  ///
  /// @param answers what was answered so far
  /// @param budget most questions to ask
  /// @param wantedHalfWidth stop as soon as the half-width is expected to be at most this; 0 to use
  ///   the whole budget
  /// @param allowed which known questions may be asked
  public Plan plan(Responses answers, int budget, double wantedHalfWidth, IntPredicate allowed) {
    Ability ability = known.ability(answers);
    int n = known.questions().size();
    int width = known.abilityDimension();
    double[] sigma = ability.posterior().covariance();
    double[] weights = new double[n];
    double[] c = new double[width];
    double chance = 0; // of what is not asked, over n²
    double unseen = 0; // share of the questions
    boolean[] open = new boolean[n];
    for (int j = 0; j < n; j++) {
      double p = ability.probability(j);
      weights[j] = p * (1 - p);
      open[j] = !ability.answered(j) && allowed.test(j);
      if (!ability.answered(j)) {
        double[] input = known.abilityInput(j);
        for (int k = 0; k < width; k++) {
          c[k] += weights[j] * input[k] / n;
        }
        chance += weights[j] / n / n;
        unseen += 1.0 / n;
      }
    }
    double misfit = known.misfit(ability.unseen(j -> !ability.answered(j)).ofOneBenchmark());
    double before = halfWidth(c, sigma, chance + misfit * unseen * unseen);
    double expected = before;
    List<Integer> chosen = new ArrayList<>();
    while (chosen.size() < budget && expected > wantedHalfWidth) {
      int best = best(open, weights, product(sigma, c, width), sigma, width);
      if (best < 0) {
        break;
      }
      chosen.add(best);
      open[best] = false;
      update(sigma, best, weights[best], width);
      chance -= weights[best] / n / n;
      unseen -= 1.0 / n;
      expected = halfWidth(c, sigma, chance + misfit * unseen * unseen);
    }
    return new Plan(chosen, before, expected, before <= wantedHalfWidth);
  }

  private int best(boolean[] open, double[] weights, double[] sc, double[] sigma, int width) {
    int best = -1;
    double most = 0;
    for (int j = 0; j < open.length; j++) {
      if (open[j]) {
        double[] input = known.abilityInput(j);
        double covariance = 0;
        double variance = 0;
        for (int i = 0; i < width; i++) {
          if (input[i] != 0) {
            covariance += input[i] * sc[i];
            double row = 0;
            for (int k = 0; k < width; k++) {
              row += sigma[i * width + k] * input[k];
            }
            variance += input[i] * row;
          }
        }
        double gain = covariance * covariance / (1 / weights[j] + variance);
        if (gain > most) {
          most = gain;
          best = j;
        }
      }
    }
    return best;
  }

  private void update(double[] sigma, int question, double weight, int width) {
    double[] input = known.abilityInput(question);
    double[] product = product(sigma, input, width);
    double variance = 1 / weight;
    for (int i = 0; i < width; i++) {
      variance += input[i] * product[i];
    }
    for (int i = 0; i < width; i++) {
      for (int k = 0; k < width; k++) {
        sigma[i * width + k] -= product[i] * product[k] / variance;
      }
    }
  }

  private static double[] product(double[] sigma, double[] x, int width) {
    double[] result = new double[width];
    for (int i = 0; i < width; i++) {
      for (int k = 0; k < width; k++) {
        result[i] += sigma[i * width + k] * x[k];
      }
    }
    return result;
  }

  /// @param rest variance that no ability explains
  private static double halfWidth(double[] c, double[] sigma, double rest) {
    double[] product = product(sigma, c, c.length);
    double variance = rest;
    for (int i = 0; i < c.length; i++) {
      variance += c[i] * product[i];
    }
    return NormalQuantile.TWO_SIDED_95 * Math.sqrt(Math.max(0, variance));
  }
}
