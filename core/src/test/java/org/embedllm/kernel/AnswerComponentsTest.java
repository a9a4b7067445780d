package org.embedllm.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.linalg.Workers;
import org.junit.jupiter.api.Test;

class AnswerComponentsTest {
  private final Workers workers = new Workers(1);

  @Test
  void subspaceIteration_anyThreads_agreesWithTheEigenvectors() {
    SimulatedPool pool = new SimulatedPool(60, 400, 0, 0.5, 7);
    AnswerComponents exact = AnswerComponents.of(pool.matrix, 4, workers);
    double[] means = new double[60];
    for (int i = 0; i < 60; i++) {
      for (int j = 0; j < 400; j++) {
        means[i] += pool.matrix.score(i, j) / 400;
      }
    }
    double[] scores = SubspaceIteration.scores(pool.matrix, means, 4, workers);
    for (int j = 0; j < 400; j++) {
      for (int k = 0; k < 2; k++) {
        assertThat(scores[j * 4 + k]).isCloseTo(exact.score(j, k), within(1e-4));
      }
    }
    try (Workers three = new Workers(3)) {
      assertThat(SubspaceIteration.scores(pool.matrix, means, 4, three)).isEqualTo(scores);
    }
  }

  @Test
  void subspaceIteration_fewerDistinctAnswersThanDimensions_leavesTheOthersAtZero() {
    SimulatedPool pool = new SimulatedPool(30, 5, 0, 0.5, 7);
    double[] scores = SubspaceIteration.scores(pool.matrix, new double[30], 5, workers);
    assertThat(scores).doesNotContain(Double.NaN);
  }

  @Test
  void of_moreModelsThanQuestions_componentsHaveTheProductsOfTheAnswers() {
    SimulatedPool pool = new SimulatedPool(40, 12, 0, 0.5, 4);
    CorrectnessMatrix matrix = pool.matrix;
    AnswerComponents components = AnswerComponents.of(matrix, 40, workers);
    assertThat(components.count()).isEqualTo(12);
    double[][] centered = centered(matrix);
    for (int a = 0; a < 12; a++) {
      for (int b = 0; b < 12; b++) {
        double product = 0;
        for (int i = 0; i < 40; i++) {
          product += centered[a][i] * centered[b][i];
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
    AnswerComponents components = AnswerComponents.of(pool.matrix, 3, workers);
    double[][] centered = centered(pool.matrix);
    double along = 0;
    for (int j = 0; j < 12; j++) {
      for (int i = 0; i < 40; i++) {
        along += components.score(j, 0) * centered[j][i];
      }
    }
    assertThat(along).isPositive();
  }

  /// Each answer less its model's mean, `[n][m]`.
  private static double[][] centered(CorrectnessMatrix matrix) {
    int n = matrix.questionCount();
    int m = matrix.modelCount();
    double[][] centered = new double[n][m];
    for (int i = 0; i < m; i++) {
      double mean = 0;
      for (int j = 0; j < n; j++) {
        mean += matrix.score(i, j) / n;
      }
      for (int j = 0; j < n; j++) {
        centered[j][i] = matrix.score(i, j) - mean;
      }
    }
    return centered;
  }
}
