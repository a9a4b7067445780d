package org.embedllm.factorization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowSolverTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 10, 300})
  void solve_anyNumberOfAnswers_gradientVanishes(int count) {
    Problem problem = new Problem(count, 4, count);
    double[] solved = problem.solve().mean();
    double[] gradient = new double[4];
    double[] ones = new double[count];
    java.util.Arrays.fill(ones, 1);
    RowSolver.derivatives(
        problem.inputs,
        new double[count],
        problem.scores,
        ones,
        problem.prior,
        solved,
        gradient,
        new double[16]);
    for (double value : gradient) {
      assertThat(value).isCloseTo(0, within(1e-7));
    }
  }

  @Test
  void derivatives_atAnyPoint_agreeWithDifferences() {
    Problem problem = new Problem(40, 3, 5);
    double[] x = {0.3, -0.7, 1.1};
    double[] weights = new SplittableRandom(3).doubles(40, 0, 2).toArray();
    double[] gradient = new double[3];
    double[] hessian = new double[9];
    problem.derivatives(weights, x, gradient, hessian);
    double step = 1e-5;
    for (int i = 0; i < 3; i++) {
      double[] up = x.clone();
      double[] down = x.clone();
      up[i] += step;
      down[i] -= step;
      double[] gradientUp = new double[3];
      double[] gradientDown = new double[3];
      double difference =
          problem.derivatives(weights, up, gradientUp, new double[9])
              - problem.derivatives(weights, down, gradientDown, new double[9]);
      assertThat(gradient[i]).isCloseTo(difference / (2 * step), within(1e-5));
      for (int k = 0; k < 3; k++) {
        assertThat(hessian[i * 3 + k])
            .isCloseTo((gradientUp[k] - gradientDown[k]) / (2 * step), within(1e-5));
      }
    }
  }

  @Test
  void solve_allRight_staysFinite() {
    double[] inputs = new double[200];
    double[] scores = new double[200];
    java.util.Arrays.fill(inputs, 1);
    java.util.Arrays.fill(scores, 1);
    RowPosterior posterior =
        RowSolver.solve(inputs, scores, Gaussian.ofVariances(new double[1], new double[] {1}));
    assertThat(posterior.mean()[0]).isBetween(2.0, 6.0);
    assertThat(posterior.covariance()[0]).isPositive();
  }

  @Test
  void solve_moreAnswers_neverWidenOnAverage() {
    double before = Double.POSITIVE_INFINITY;
    for (int count : new int[] {5, 20, 80, 320}) {
      double mean = 0;
      for (int seed = 0; seed < 20; seed++) {
        mean += new Problem(count, 4, seed).solve().variance(new double[] {1, 0.5, -0.5, 1}) / 20;
      }
      assertThat(mean).isLessThan(before);
      before = mean;
    }
  }

  /// Answers of a random vector.
  private static final class Problem {
    final double[] inputs;
    final double[] scores;
    final Gaussian prior;

    Problem(int count, int k, long seed) {
      var random = new SplittableRandom(seed);
      inputs = new double[count * k];
      scores = new double[count];
      double[] truth = new double[k];
      double[] mean = new double[k];
      double[] variances = new double[k];
      for (int i = 0; i < k; i++) {
        truth[i] = random.nextGaussian();
        mean[i] = 0.2 * i;
        variances[i] = 0.5 + i;
      }
      for (int j = 0; j < count; j++) {
        double logit = 0;
        for (int i = 0; i < k; i++) {
          inputs[j * k + i] = random.nextGaussian();
          logit += inputs[j * k + i] * truth[i];
        }
        scores[j] = random.nextDouble() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
      }
      prior = Gaussian.ofVariances(mean, variances);
    }

    RowPosterior solve() {
      return RowSolver.solve(inputs, scores, prior);
    }

    double derivatives(double[] weights, double[] x, double[] gradient, double[] hessian) {
      return RowSolver.derivatives(
          inputs, new double[scores.length], scores, weights, prior, x, gradient, hessian);
    }
  }
}
