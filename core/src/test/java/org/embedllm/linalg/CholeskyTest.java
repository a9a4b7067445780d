package org.embedllm.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CholeskyTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 65, 95, 96, 97, 200, 290})
  void solve_oddAndEvenSizes_undoesTheProduct(int size) {
    double[] matrix = positiveDefinite(size, 3);
    double[] x = new SplittableRandom(5).doubles(size, -1, 1).toArray();
    double[] b = product(size, matrix, x);
    try (Workers workers = new Workers(2)) {
      Cholesky cholesky = Cholesky.of(size, matrix, workers);
      assertThat(cholesky.solve(b)).containsExactly(x, within(1e-8));
      double quadratic = 0;
      double direct = 0;
      for (double value : cholesky.solveLower(b)) {
        quadratic += value * value;
      }
      for (int i = 0; i < size; i++) {
        direct += b[i] * x[i];
      }
      assertThat(quadratic).isCloseTo(direct, within(1e-8 * (1 + Math.abs(direct))));
      int stride = size + 3;
      float[] transposed = new float[size * stride];
      cholesky.inverseLowerTransposed(transposed, stride, workers);
      double[] viaInverse = new double[size];
      for (int i = 0; i < size; i++) {
        for (int j = 0; j <= i; j++) {
          viaInverse[i] += transposed[j * stride + i] * b[j];
        }
      }
      assertThat(viaInverse).containsExactly(cholesky.solveLower(b), within(1e-5)); // floats
      assertThat(product(size, cholesky.inverse(), b)).containsExactly(x, within(1e-7));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 95, 96, 97, 200})
  void solveAll_manyRightSides_solvesEachAndGivesItsBitsAlone(int size) {
    int columns = 29; // whole vectors and some more
    double[] matrix = positiveDefinite(size, 8);
    double[] right = new SplittableRandom(2).doubles((long) size * columns, -1, 1).toArray();
    try (Workers workers = new Workers(2)) {
      Cholesky cholesky = Cholesky.of(size, matrix, workers);
      double[] all = right.clone();
      cholesky.solveAll(all, columns);
      double[] lower = right.clone();
      cholesky.solveLowerAll(lower, columns);
      for (int c = 0; c < columns; c++) {
        double[] own = column(right, c, columns);
        assertThat(column(all, c, columns)).containsExactly(cholesky.solve(own), within(1e-9));
        assertThat(column(lower, c, columns))
            .containsExactly(cholesky.solveLower(own), within(1e-9));
        cholesky.solveAll(own, 1);
        assertThat(column(all, c, columns)).isEqualTo(own);
      }
    }
  }

  private static double[] column(double[] matrix, int column, int columns) {
    double[] values = new double[matrix.length / columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = matrix[i * columns + column];
    }
    return values;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 5})
  void factor_anyNumberOfThreads_sameBits(int threads) {
    double[] matrix = positiveDefinite(150, 9);
    double[] b = new SplittableRandom(1).doubles(150).toArray();
    try (Workers one = new Workers(1);
        Workers more = new Workers(threads)) {
      assertThat(Cholesky.of(150, matrix, more).solve(b))
          .isEqualTo(Cholesky.of(150, matrix, one).solve(b));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 90, 150})
  void factor_indefinite_isRefused(int size) {
    double[] matrix = positiveDefinite(size, 4);
    matrix[size * size - 1] = -1;
    try (Workers workers = new Workers(1)) {
      assertThatThrownBy(() -> Cholesky.of(size, matrix, workers))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("positive definite");
    }
  }

  private static double[] positiveDefinite(int size, long seed) {
    double[] root = new SplittableRandom(seed).doubles((long) size * size, -1, 1).toArray();
    double[] matrix = new double[size * size];
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        double sum = i == j ? 0.5 : 0;
        for (int k = 0; k < size; k++) {
          sum += root[i * size + k] * root[j * size + k] / size;
        }
        matrix[i * size + j] = sum;
      }
    }
    return matrix;
  }

  private static double[] product(int size, double[] matrix, double[] x) {
    double[] result = new double[size];
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        result[i] += matrix[i * size + j] * x[j];
      }
    }
    return result;
  }
}
