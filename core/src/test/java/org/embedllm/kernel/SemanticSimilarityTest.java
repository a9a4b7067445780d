package org.embedllm.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.embedllm.factorization.FeatureMap;
import org.embedllm.linalg.Workers;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

class SemanticSimilarityTest {
  private static final int SENTENCE = 12;
  private static final int SURFACE = 6;
  private static final int LANDMARKS = 40;

  private final Random random = new Random(5);
  private final FloatMatrix landmarks = vectors(LANDMARKS);
  private final FeatureMap.Kernel features = new FeatureMap.Kernel(landmarks, 3.5f);
  private final SemanticSimilarity meaning = new SemanticSimilarity(features, SURFACE);

  @Test
  void of_anyQuestion_isTheMeanOfTheFiveLargestDotProductsOfTheSentences() {
    FloatMatrix questions = vectors(30);
    for (int j = 0; j < 30; j++) {
      float[] question = questions.row(j);
      assertThat(meaning.of(question, features.map(question)))
          .isCloseTo(brute(question, -1), within(1e-4));
    }
  }

  @Test
  void of_trainingQuestionAloneAtItsLandmark_leavesItOut() {
    QuestionClusters alone = clusters(landmarks, landmarks, 0);
    float[] own = landmarks.row(7);
    assertThat(meaning.of(own, features.map(own), alone, 7)).isCloseTo(brute(own, 7), within(1e-4));
  }

  @Test
  void of_trainingQuestionOfAGroup_takesItsLandmarkWithoutIt() {
    FloatMatrix questions = vectors(120);
    QuestionClusters groups = clusters(questions, landmarks, 3);
    var grouped =
        new SemanticSimilarity(new FeatureMap.Kernel(groups.centers(), features.gamma()), SURFACE);
    for (int j = 0; j < 120; j++) {
      double[] rest = new double[SENTENCE + SURFACE];
      int others = 0;
      for (int other = 0; other < 120; other++) {
        if (other != j && groups.owner(other) == groups.owner(j)) {
          others++;
          for (int k = 0; k < rest.length; k++) {
            rest[k] += questions.get(other, k);
          }
        }
      }
      double length = Math.sqrt(Arrays.stream(rest).map(x -> x * x).sum());
      double[] dots = new double[LANDMARKS];
      for (int i = 0; i < LANDMARKS; i++) {
        for (int k = 0; k < SENTENCE; k++) {
          double center =
              i == groups.owner(j) ? rest[k] / length : (double) groups.centers().get(i, k);
          dots[i] += questions.get(j, k) * center;
        }
      }
      if (others == 0) {
        dots[groups.owner(j)] = Double.NEGATIVE_INFINITY;
      }
      Arrays.sort(dots);
      float[] question = questions.row(j);
      double expected = Arrays.stream(dots).skip(LANDMARKS - 5).average().orElseThrow();
      assertThat(meaning(grouped, question, groups, j)).isCloseTo(expected, within(1e-4));
    }
  }

  private static double meaning(
      SemanticSimilarity meaning, float[] question, QuestionClusters groups, int j) {
    var kernel = new FeatureMap.Kernel(groups.centers(), 3.5f);
    return meaning.of(question, kernel.map(question), groups, j);
  }

  private static QuestionClusters clusters(FloatMatrix questions, FloatMatrix seeds, int rounds) {
    try (Workers workers = new Workers(2)) {
      return QuestionClusters.of(questions, seeds, rounds, workers);
    }
  }

  @Test
  void of_anotherForm_doesNotChangeIt() {
    float[] question = landmarks.row(3);
    double before = meaning.of(question, features.map(question));
    for (int c = SENTENCE; c < SENTENCE + SURFACE; c++) {
      question[c] = -question[c];
    }
    assertThat(meaning.of(question, features.map(question))).isCloseTo(before, within(1e-4));
  }

  @Test
  void new_moreFormThanVector_isRefused() {
    assertThatThrownBy(() -> new SemanticSimilarity(features, SENTENCE + SURFACE))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private double brute(float[] question, int own) {
    double[] dots = new double[LANDMARKS];
    for (int i = 0; i < LANDMARKS; i++) {
      for (int k = 0; k < SENTENCE; k++) {
        dots[i] += (double) question[k] * landmarks.get(i, k);
      }
      dots[i] = i == own ? Double.NEGATIVE_INFINITY : dots[i];
    }
    Arrays.sort(dots);
    return Arrays.stream(dots).skip(LANDMARKS - 5).average().orElseThrow();
  }

  /// Two parts of equal length.
  private FloatMatrix vectors(int n) {
    float[] values = new float[n * (SENTENCE + SURFACE)];
    for (int j = 0; j < n; j++) {
      fill(values, j * (SENTENCE + SURFACE), SENTENCE);
      fill(values, j * (SENTENCE + SURFACE) + SENTENCE, SURFACE);
    }
    return FloatMatrix.wrap(n, SENTENCE + SURFACE, values);
  }

  private void fill(float[] values, int from, int count) {
    double square = 0;
    for (int k = from; k < from + count; k++) {
      values[k] = (float) random.nextGaussian();
      square += (double) values[k] * values[k];
    }
    for (int k = from; k < from + count; k++) {
      values[k] = (float) (values[k] / Math.sqrt(2 * square));
    }
  }
}
