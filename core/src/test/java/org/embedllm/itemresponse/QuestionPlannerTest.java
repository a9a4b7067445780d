package org.embedllm.itemresponse;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.embedllm.kernel.SimulatedPool;
import org.embedllm.linalg.DenseVectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("training")
class QuestionPlannerTest {
  private final SimulatedPool pool = new SimulatedPool(16, 1_000, 0, 0.8, 7);

  @Test
  void plan_stopRule_asksNothingMoreOnceItIsReached() {
    ItemParameters known = pool.vectorProblemWithout(0).known();
    var planner = new QuestionPlanner(known);
    ItemResponses none = ItemResponses.of(new int[0], new double[0]);
    var plan = planner.plan(none, 900, 0.08, j -> true);
    assertThat(plan.questions()).doesNotHaveDuplicates().hasSizeBetween(5, 300);
    assertThat(plan.expectedHalfWidth()).isLessThanOrEqualTo(0.08);
    assertThat(
            planner.plan(ItemResponses.byModel(pool.matrix).get(0), 50, 0.08, j -> true).complete())
        .isTrue();
    assertThat(planner.plan(none, 10, 0, j -> j % 2 == 0).questions())
        .allMatch(j -> j % 2 == 0)
        .hasSize(10);
  }

  @Test
  void plan_severalBenchmarks_takesTheQuestionsOfTheDenseFormula() {
    ItemParameters known = AbilityDerivativesTest.known();
    ItemResponses answers = ItemResponses.of(new int[] {1, 8, 40}, new double[] {1, 0, 1});
    assertThat(new QuestionPlanner(known).plan(answers, 25, 0, j -> j % 3 != 0).questions())
        .isEqualTo(dense(known, answers, 25, j -> j % 3 != 0));
  }

  /// The plan by matrices as the formula has them, for five places of the ability.
  private static List<Integer> dense(
      ItemParameters known, ItemResponses answers, int budget, IntPredicate allowed) {
    Ability ability = known.ability(answers);
    int n = known.questions().size();
    int width = known.abilityDimension();
    double[] sigma = known.withoutCommon(ability.posterior().covariance());
    double[][] inputs = new double[n][];
    double[][] weights = new double[5][n];
    double[][] gradients = new double[5][width];
    double[][] covariances = new double[5][];
    for (int j = 0; j < n; j++) {
      inputs[j] = known.abilityInput(j);
    }
    for (int place = 0; place < 5; place++) {
      double[] x = ability.posterior().mean().clone();
      for (int k = 0; k < width; k++) {
        x[k] += (place - 2) * sigma[k] / Math.sqrt(sigma[0]);
      }
      covariances[place] = sigma.clone();
      for (int j = 0; j < n; j++) {
        double p = known.probability(j, x);
        weights[place][j] = p * (1 - p);
        for (int k = 0; k < width && !ability.answered(j); k++) {
          gradients[place][k] += weights[place][j] * inputs[j][k] / n;
        }
      }
    }
    List<Integer> chosen = new ArrayList<>();
    while (chosen.size() < budget) {
      int best = -1;
      double most = 0;
      for (int j = 0; j < n; j++) {
        if (allowed.test(j) && !ability.answered(j) && !chosen.contains(j)) {
          double gain = 0;
          for (int place = 0; place < 5; place++) {
            double[] product = times(covariances[place], inputs[j]);
            double along = DenseVectors.dot(gradients[place], product);
            gain += along * along / spread(weights[place][j], inputs[j], product);
          }
          if (gain > most) {
            most = gain;
            best = j;
          }
        }
      }
      chosen.add(best);
      for (int place = 0; place < 5; place++) {
        double[] product = times(covariances[place], inputs[best]);
        double spread = spread(weights[place][best], inputs[best], product);
        for (int i = 0; i < width * width; i++) {
          covariances[place][i] -= product[i / width] * product[i % width] / spread;
        }
      }
    }
    return chosen;
  }

  private static double spread(double weight, double[] input, double[] product) {
    return 1 / weight + DenseVectors.dot(input, product);
  }

  private static double[] times(double[] matrix, double[] x) {
    double[] result = new double[x.length];
    for (int i = 0; i < matrix.length; i++) {
      result[i / x.length] += matrix[i] * x[i % x.length];
    }
    return result;
  }
}
