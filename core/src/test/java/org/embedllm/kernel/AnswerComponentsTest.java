package org.embedllm.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.embedllm.correctness.CorrectnessMatrix;
import org.junit.jupiter.api.Test;

class AnswerComponentsTest {
  @Test
  void of_moreModelsThanQuestions_componentsHaveTheProductsOfTheAnswers() {
    SimulatedPool pool = new SimulatedPool(40, 12, 0, 0.5, 4);
    CorrectnessMatrix matrix = pool.matrix;
    AnswerComponents components = AnswerComponents.of(matrix, 40);
    assertThat(components.count()).isEqualTo(12);
    double[][] centred = centred(matrix);
    for (int a = 0; a < 12; a++) {
      for (int b = 0; b < 12; b++) {
        double product = 0;
        for (int i = 0; i < 40; i++) {
          product += centred[a][i] * centred[b][i];
        }
        double scores = 0;
        for (int k = 0; k < 12; k++) {
          scores += components.score(a, k) * components.score(b, k);
        }
        assertThat(scores).isCloseTo(product, within(1e-4));
      }
    }
  }

  @Test
  void of_moreModelsThanQuestions_firstComponentIsHighWhereMostAreRight() {
    SimulatedPool pool = new SimulatedPool(40, 12, 0, 0.5, 4);
    AnswerComponents components = AnswerComponents.of(pool.matrix, 3);
    double[][] centred = centred(pool.matrix);
    double along = 0;
    for (int j = 0; j < 12; j++) {
      for (int i = 0; i < 40; i++) {
        along += components.score(j, 0) * centred[j][i];
      }
    }
    assertThat(along).isPositive();
  }

  /// Each answer less its model's mean, `[n][m]`.
  private static double[][] centred(CorrectnessMatrix matrix) {
    int n = matrix.questionCount();
    int m = matrix.modelCount();
    double[][] centred = new double[n][m];
    for (int i = 0; i < m; i++) {
      double mean = 0;
      for (int j = 0; j < n; j++) {
        mean += matrix.score(i, j) / n;
      }
      for (int j = 0; j < n; j++) {
        centred[j][i] = matrix.score(i, j) - mean;
      }
    }
    return centred;
  }
}
