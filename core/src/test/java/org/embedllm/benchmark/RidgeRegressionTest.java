package org.embedllm.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RidgeRegressionTest {
  private final SplittableRandom random = new SplittableRandom(11);

  @Test
  void predict_fewAndManyFeatures_agreesWithTheNormalEquations() {
    for (int d : new int[] {1, 3, 9, 40}) {
      double[][] x = gaussian(16, d);
      double[] y = gaussian(1, 16)[0];
      int[] training = {0, 1, 2, 3, 5, 6, 8, 9, 10, 12, 15};
      RidgeRegression fitted = RidgeRegression.fit(gram(x), 16, training, y);
      for (int sample = 0; sample < 16; sample++) {
        double expected = predictByNormalEquations(x, y, training, fitted.penalty(), sample);
        assertThat(fitted.predict(gram(x), 16, sample))
            .as("d %d, sample %d", d, sample)
            .isEqualTo(expected, within(1e-8));
      }
    }
  }

  @Test
  void penalty_amongTheCandidates_hasTheSmallestErrorOfRefittingWithoutEachSample() {
    for (int d : new int[] {2, 5, 30}) {
      double[][] x = gaussian(14, d);
      double[] y =
          Arrays.stream(x).mapToDouble(row -> row[0] + 0.7 * random.nextGaussian()).toArray();
      int[] training = IntStream.range(0, 14).toArray();
      double scale = meanEigenvalue(x);
      double best = Double.NaN;
      double smallest = Double.POSITIVE_INFINITY;
      for (double relative : RidgeRegression.relativePenalties()) {
        double error = 0;
        for (int out : training) {
          int[] rest = Arrays.stream(training).filter(i -> i != out).toArray();
          double gap = y[out] - predictByNormalEquations(x, y, rest, relative * scale, out);
          error += gap * gap;
        }
        if (error < smallest) {
          smallest = error;
          best = relative * scale;
        }
      }
      double chosen = RidgeRegression.fit(gram(x), 14, training, y).penalty();
      if (Double.isInfinite(best)) {
        assertThat(chosen).isInfinite();
      } else {
        assertThat(chosen / best).as("d %d", d).isEqualTo(1, within(1e-9));
      }
    }
  }

  @Test
  void predict_equalFeatures_isTheMean() {
    double[] gram = new double[25];
    Arrays.fill(gram, 3);
    double[] y = {1, 2, 3, 4, 100};
    RidgeRegression fitted = RidgeRegression.fit(gram, 5, new int[] {0, 1, 2, 3}, y);
    assertThat(fitted.predict(gram, 5, 4)).isEqualTo(2.5, within(1e-12));
  }

  private double[][] gaussian(int rows, int columns) {
    return IntStream.range(0, rows)
        .mapToObj(
            i -> IntStream.range(0, columns).mapToDouble(k -> random.nextGaussian()).toArray())
        .toArray(double[][]::new);
  }

  private static double[] gram(double[][] x) {
    double[] gram = new double[x.length * x.length];
    for (int a = 0; a < x.length; a++) {
      for (int b = 0; b < x.length; b++) {
        gram[a * x.length + b] = dot(x[a], x[b]);
      }
    }
    return gram;
  }

  private static double dot(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(k -> a[k] * b[k]).sum();
  }

  /// Mean of each column over the given rows, `[d]`.
  private static double[] means(double[][] x, int[] rows) {
    return IntStream.range(0, x[0].length)
        .mapToDouble(k -> Arrays.stream(rows).mapToDouble(i -> x[i][k]).average().orElseThrow())
        .toArray();
  }

  private static double[] minus(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(k -> a[k] - b[k]).toArray();
  }

  private static double meanEigenvalue(double[][] x) {
    double[] means = means(x, IntStream.range(0, x.length).toArray());
    double trace =
        Arrays.stream(x).mapToDouble(row -> dot(minus(row, means), minus(row, means))).sum();
    return trace / Math.min(x[0].length, x.length - 1);
  }

  private static double predictByNormalEquations(
      double[][] x, double[] y, int[] rows, double penalty, int sample) {
    double meanY = Arrays.stream(rows).mapToDouble(i -> y[i]).average().orElseThrow();
    if (Double.isInfinite(penalty)) {
      return meanY;
    }
    int d = x[0].length;
    double[] means = means(x, rows);
    double[][] system = new double[d][d + 1]; // normal equations and their right side
    for (int a = 0; a < d; a++) {
      system[a][a] = penalty;
    }
    for (int i : rows) {
      double[] row = minus(x[i], means);
      for (int a = 0; a < d; a++) {
        for (int b = 0; b < d; b++) {
          system[a][b] += row[a] * row[b];
        }
        system[a][d] += row[a] * (y[i] - meanY);
      }
    }
    return meanY + dot(eliminated(system), minus(x[sample], means));
  }

  /// Solution of a symmetric positive definite system by Gauss-Jordan elimination.
  private static double[] eliminated(double[][] system) {
    int d = system.length;
    for (int pivot = 0; pivot < d; pivot++) {
      for (int row = 0; row < d; row++) {
        if (row != pivot) {
          double factor = system[row][pivot] / system[pivot][pivot];
          for (int k = pivot; k <= d; k++) {
            system[row][k] -= factor * system[pivot][k];
          }
        }
      }
    }
    return IntStream.range(0, d).mapToDouble(k -> system[k][d] / system[k][k]).toArray();
  }
}
