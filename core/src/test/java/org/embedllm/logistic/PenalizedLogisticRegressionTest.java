package org.embedllm.logistic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.embedllm.linalg.Kernels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PenalizedLogisticRegressionTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 10, 300})
  void solve_anyNumberOfAnswers_gradientVanishes(int count) {
    Problem problem = new Problem(count, 4, count);
    double[] solved = problem.solve().mean();
    var f = new LogisticDerivatives(problem.answers(), problem.prior, Kernels.best());
    f.at(solved);
    for (double value : f.gradient()) {
      assertThat(value).isCloseTo(0, within(1e-7));
    }
  }

  @Test
  void derivatives_atAnyPoint_agreeWithDifferences() {
    Problem problem = new Problem(40, 3, 5);
    double[] x = {0.3, -0.7, 1.1};
    double[] weights = new SplittableRandom(3).doubles(40, 0, 2).toArray();
    var f = new LogisticDerivatives(problem.answers(weights), problem.prior, Kernels.best());
    f.at(x);
    double[] gradient = f.gradient().clone();
    double[] hessian = f.hessian().clone();
    double step = 1e-5;
    for (int i = 0; i < 3; i++) {
      double[] up = x.clone();
      double[] down = x.clone();
      up[i] += step;
      down[i] -= step;
      double valueUp = f.at(up);
      double[] gradientUp = f.gradient().clone();
      double valueDown = f.at(down);
      double[] gradientDown = f.gradient().clone();
      assertThat(gradient[i]).isCloseTo((valueUp - valueDown) / (2 * step), within(1e-5));
      for (int k = 0; k < 3; k++) {
        assertThat(hessian[i * 3 + k])
            .isCloseTo((gradientUp[k] - gradientDown[k]) / (2 * step), within(1e-5));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1,1", "3,2", "255,15", "256,16", "257,17", "1030,49"})
  void derivatives_oddSizes_agreeWithThePlainSums(int count, int k) {
    Problem problem = new Problem(count, k, 11);
    double[] weights = new SplittableRandom(5).doubles(count, 0, 2).toArray();
    double[] x = new SplittableRandom(6).doubles(k, -0.5, 0.5).toArray();
    double[] offsets = new SplittableRandom(7).doubles(count, -2, 2).toArray();
    double value = 0;
    double[] gradient = new double[k];
    double[] hessian = new double[k * k];
    for (int i = 0; i < k; i++) {
      double precision = problem.prior.precision()[i * k + i];
      double deviation = x[i] - problem.prior.mean()[i];
      value += 0.5 * precision * deviation * deviation;
      gradient[i] = precision * deviation;
      hessian[i * k + i] = precision;
    }
    for (int j = 0; j < count; j++) {
      double z = offsets[j];
      for (int i = 0; i < k; i++) {
        z += problem.inputs[j * k + i] * x[i];
      }
      double s = 1 / (1 + Math.exp(-z));
      value -=
          weights[j]
              * (problem.scores[j] * Math.log(s) + (1 - problem.scores[j]) * Math.log(1 - s));
      for (int i = 0; i < k; i++) {
        gradient[i] += weights[j] * (s - problem.scores[j]) * problem.inputs[j * k + i];
        for (int l = 0; l < k; l++) {
          hessian[i * k + l] +=
              weights[j]
                  * (s * (1 - s) * problem.inputs[j * k + i] * (double) problem.inputs[j * k + l]);
        }
      }
    }
    var f =
        new LogisticDerivatives(
            problem.answers(weights).plus(offsets), problem.prior, Kernels.best());
    assertThat(f.at(x)).isCloseTo(value, within(1e-9 * (1 + Math.abs(value))));
    for (int i = 0; i < k; i++) {
      assertThat(f.gradient()[i]).isCloseTo(gradient[i], within(1e-9 * (1 + count)));
    }
    for (int i = 0; i < k * k; i++) {
      assertThat(f.hessian()[i]).isCloseTo(hessian[i], within(2e-6 * (1 + count)));
    }
  }

  @Test
  void solve_fromAnywhere_endsAtTheSameVector() {
    Problem problem = new Problem(300, 7, 21);
    double[] fromPrior = problem.solve().mean();
    double[] far = new SplittableRandom(1).doubles(7, -3, 3).toArray();
    double[] fromFar =
        PenalizedLogisticRegression.solve(problem.answers(), problem.prior, far).mean();
    assertThat(fromFar).containsExactly(fromPrior, within(1e-10));
  }

  @Test
  void solve_withAndWithoutTheVectorModule_givesTheSameDerivatives() {
    Problem problem = new Problem(777, 23, 2);
    double[] x = new SplittableRandom(9).doubles(23, -1, 1).toArray();
    var vector = new LogisticDerivatives(problem.answers(), problem.prior, Kernels.best());
    var plain = new LogisticDerivatives(problem.answers(), problem.prior, Kernels.plain());
    assertThat(vector.at(x)).isEqualTo(plain.at(x));
    assertThat(vector.gradient()).isEqualTo(plain.gradient());
    assertThat(vector.hessian()).isEqualTo(plain.hessian());
  }

  @Test
  void solve_allRight_staysFinite() {
    float[] inputs = new float[200];
    double[] scores = new double[200];
    java.util.Arrays.fill(inputs, 1);
    java.util.Arrays.fill(scores, 1);
    LaplacePosterior posterior =
        PenalizedLogisticRegression.solve(
            LogisticObservations.of(1, inputs, scores),
            Gaussian.ofVariances(new double[1], new double[] {1}));
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

  /// Responses of a random vector.
  private static final class Problem {
    final float[] inputs;
    final double[] scores;
    final Gaussian prior;

    Problem(int count, int k, long seed) {
      var random = new SplittableRandom(seed);
      inputs = new float[count * k];
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
          inputs[j * k + i] = (float) random.nextGaussian();
          logit += inputs[j * k + i] * truth[i];
        }
        scores[j] = random.nextDouble() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
      }
      prior = Gaussian.ofVariances(mean, variances);
    }

    LogisticObservations answers() {
      return LogisticObservations.of(prior.dimension(), inputs, scores);
    }

    LogisticObservations answers(double[] weights) {
      return LogisticObservations.of(prior.dimension(), inputs, scores, weights);
    }

    LaplacePosterior solve() {
      return PenalizedLogisticRegression.solve(answers(), prior);
    }
  }
}
