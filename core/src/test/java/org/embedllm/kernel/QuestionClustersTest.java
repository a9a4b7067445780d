package org.embedllm.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.embedllm.linalg.Workers;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

class QuestionClustersTest {
  private static final int Q = 16;
  private static final int N = 700;
  private static final int R = 30;

  private final Random random = new Random(11);
  private final FloatMatrix questions = units(N);
  private final FloatMatrix seeds =
      questions.selectRows(IntStream.range(0, R).map(i -> 3 * i).toArray());

  @Test
  void of_oneRound_movesEachCenterToTheSumOfTheQuestionsNearestToItsSeed() {
    QuestionClusters clusters = of(1, 1);
    double[][] sums = new double[R][Q];
    for (int j = 0; j < N; j++) {
      int nearest = 0;
      for (int i = 1; i < R; i++) {
        nearest = dot(j, seeds.row(i)) > dot(j, seeds.row(nearest)) ? i : nearest;
      }
      assertThat(clusters.owner(j)).isEqualTo(nearest);
      for (int k = 0; k < Q; k++) {
        sums[nearest][k] += questions.get(j, k);
      }
    }
    for (int i = 0; i < R; i++) {
      double length = Math.sqrt(Arrays.stream(sums[i]).map(x -> x * x).sum());
      for (int k = 0; k < Q; k++) {
        assertThat((double) clusters.centers().get(i, k))
            .isCloseTo(sums[i][k] / length, within(1e-6));
      }
    }
  }

  @Test
  void of_moreRounds_bringsQuestionsNearerToTheirCenters() {
    double before = agreement(of(1, 1));
    double after = agreement(of(6, 1));
    assertThat(after).isGreaterThan(before + 1);
  }

  @Test
  void of_anyNumberOfThreads_givesTheSame() {
    assertThat(of(4, 3).centers()).isEqualTo(of(4, 1).centers());
  }

  @Test
  void of_noRounds_leavesTheSeeds() {
    QuestionClusters clusters = of(0, 2);
    assertThat(clusters.centers()).isEqualTo(seeds);
    assertThat(clusters.owner(3)).isEqualTo(1);
  }

  @Test
  void of_seedThatNoQuestionIsNearestTo_staysWhereItIs() {
    float[] opposite = new float[2 * Q];
    opposite[0] = 1;
    opposite[Q] = -1;
    float[] alike = new float[3 * Q];
    for (int j = 0; j < 3; j++) {
      alike[j * Q] = 1;
    }
    try (Workers workers = new Workers(1)) {
      FloatMatrix two = FloatMatrix.wrap(2, Q, opposite);
      assertThat(QuestionClusters.of(FloatMatrix.wrap(3, Q, alike), two, 3, workers).centers())
          .isEqualTo(two);
    }
  }

  private QuestionClusters of(int rounds, int threads) {
    try (Workers workers = new Workers(threads)) {
      return QuestionClusters.of(questions, seeds, rounds, workers);
    }
  }

  private double agreement(QuestionClusters clusters) {
    double sum = 0;
    for (int j = 0; j < N; j++) {
      sum += dot(j, clusters.centers().row(clusters.owner(j)));
    }
    return sum;
  }

  private double dot(int question, float[] other) {
    double sum = 0;
    for (int k = 0; k < Q; k++) {
      sum += (double) questions.get(question, k) * other[k];
    }
    return sum;
  }

  private FloatMatrix units(int n) {
    float[] values = new float[n * Q];
    for (int j = 0; j < n; j++) {
      double square = 0;
      for (int k = 0; k < Q; k++) {
        values[j * Q + k] = (float) random.nextGaussian();
        square += (double) values[j * Q + k] * values[j * Q + k];
      }
      for (int k = 0; k < Q; k++) {
        values[j * Q + k] /= (float) Math.sqrt(square);
      }
    }
    return FloatMatrix.wrap(n, Q, values);
  }
}
