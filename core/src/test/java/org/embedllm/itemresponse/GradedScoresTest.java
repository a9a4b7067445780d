package org.embedllm.itemresponse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.linalg.Logistic;
import org.embedllm.linalg.Workers;
import org.embedllm.logistic.ScoreDispersion;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

/// Scores that are means of several answers, as evidence of an ability.
class GradedScoresTest {
  private static final int MODELS = 24;
  private static final int QUESTIONS = 150;

  /// Means of 1 to 5 independent answers of models whose abilities rise.
  private static CorrectnessMatrix means(int most) {
    var random = new SplittableRandom(11);
    List<String> models = IntStream.range(0, MODELS).mapToObj(i -> "model-" + i).toList();
    List<Question> questions =
        IntStream.range(0, QUESTIONS).mapToObj(j -> new Question("q" + j, "q" + j, "b")).toList();
    float[][] scores = new float[QUESTIONS][MODELS];
    float[] repeats = new float[QUESTIONS * MODELS];
    for (int j = 0; j < QUESTIONS; j++) {
      double difficulty = random.nextGaussian();
      for (int i = 0; i < MODELS; i++) {
        int n = 1 + (i + j) % most;
        double p = Logistic.sigmoid(difficulty + 4.0 * i / MODELS - 2);
        for (int t = 0; t < n; t++) {
          scores[j][i] += random.nextDouble() < p ? 1f / n : 0;
        }
        scores[j][i] = Math.min(1, scores[j][i]);
        repeats[j * MODELS + i] = n;
      }
    }
    return CorrectnessMatrix.ofDense(models, questions, scores).withRepeats(repeats);
  }

  private static ItemParameters fitted(CorrectnessMatrix matrix) {
    float[] ones = new float[matrix.questionCount()];
    Arrays.fill(ones, 1);
    try (Workers workers = new Workers(2)) {
      return ItemParameters.fit(matrix, FloatMatrix.wrap(ones.length, 1, ones), workers);
    }
  }

  @Test
  void fit_meansOfIndependentAnswers_weighsThemByTheirNumber() {
    ScoreDispersion dispersion = fitted(means(5)).dispersion();
    assertThat(dispersion.weight(1)).isCloseTo(1, within(0.25));
    assertThat(dispersion.weight(5)).isBetween(3.5, 7.0);
  }

  @Test
  void fit_labels_countOnceEach() {
    assertThat(fitted(means(1)).dispersion()).isEqualTo(ScoreDispersion.LABELS);
  }

  @Test
  void ability_ofMoreRepeats_isMoreCertain() {
    ItemParameters known = fitted(means(5));
    int[] questions = IntStream.range(0, 20).toArray();
    double[] scores = IntStream.range(0, 20).mapToDouble(j -> 0.5).toArray();
    double[] five = new double[20];
    Arrays.fill(five, 5);
    Ability once = known.ability(ItemResponses.of(questions, scores));
    Ability often = known.ability(ItemResponses.of(questions, scores, five));
    assertThat(often.variance()).isLessThan(0.6 * once.variance());
    assertThat(often.accuracy().high() - often.accuracy().low())
        .isLessThan(once.accuracy().high() - once.accuracy().low());
  }

  /// Each cell has a level of its own around what ability and difficulty say, drawn from a beta
  /// distribution of strength 2: integer parameters, as order statistics of uniform numbers.
  @Test
  void again_ofCellsWithLevelsOfTheirOwn_isNearerToThemThanMeanAndProbability() {
    var random = new SplittableRandom(3);
    double[][] levels = new double[QUESTIONS][MODELS];
    float[][] scores = new float[QUESTIONS][MODELS];
    float[] repeats = new float[QUESTIONS * MODELS];
    for (int j = 0; j < QUESTIONS; j++) {
      for (int i = 0; i < MODELS; i++) {
        int a = 1 + (i + j) % 3; // of 3: the beta distribution with a and 4 - a
        double[] uniform = random.doubles(3).sorted().toArray();
        levels[j][i] = uniform[a - 1];
        int n = 1 + (i * 7 + j) % 4;
        for (int t = 0; t < n; t++) {
          scores[j][i] += random.nextDouble() < levels[j][i] ? 1f : 0;
        }
        scores[j][i] /= n;
        repeats[j * MODELS + i] = n;
      }
    }
    CorrectnessMatrix matrix =
        CorrectnessMatrix.ofDense(
                IntStream.range(0, MODELS).mapToObj(i -> "model-" + i).toList(),
                IntStream.range(0, QUESTIONS)
                    .mapToObj(j -> new Question("q" + j, "q" + j, "b"))
                    .toList(),
                scores)
            .withRepeats(repeats);
    ItemParameters known = fitted(matrix);
    assertThat(known.dispersion().isOfRepeats()).isTrue();
    double again = 0;
    double mean = 0;
    double probability = 0;
    List<ItemResponses> pool = ItemResponses.byModel(matrix);
    OneMoreAnswer one = OneMoreAnswer.of(known, matrix);
    for (int i = 0; i < MODELS; i++) {
      Ability ability = known.ability(pool.get(i));
      for (int j = 0; j < QUESTIONS; j++) {
        again += square(one.expected(i, j) - levels[j][i]);
        mean += square(scores[j][i] - levels[j][i]);
        probability += square(ability.probability(j) - levels[j][i]);
      }
    }
    assertThat(again).isLessThan(0.7 * Math.min(mean, probability));
    Ability some = known.ability(pool.getFirst().only(j -> j > 0));
    assertThat(some.without(0)).isEqualTo(some.probability(0));
  }

  private static double square(double x) {
    return x * x;
  }

  @Test
  void repeats_ofSelectedModelsAndQuestions_stayWithTheirCells() {
    CorrectnessMatrix all = means(5);
    CorrectnessMatrix some =
        all.selectQuestions(new int[] {7, 2}).withModels(List.of("model-3", "new", "model-1"));
    assertThat(some.repeats(0, 0)).isEqualTo(all.repeats(3, 7));
    assertThat(some.repeats(2, 1)).isEqualTo(all.repeats(1, 2));
    assertThat(some.repeats(1, 0)).isZero();
    assertThat(all.withRepeats(ones(all.cellCount())).hasRepeats()).isFalse();
  }

  private static float[] ones(int count) {
    float[] ones = new float[count];
    Arrays.fill(ones, 1);
    return ones;
  }
}
