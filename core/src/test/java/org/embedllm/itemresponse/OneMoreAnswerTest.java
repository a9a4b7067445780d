package org.embedllm.itemresponse;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.MeanScore;
import org.embedllm.correctness.Question;
import org.embedllm.linalg.Logistic;
import org.embedllm.linalg.Workers;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

class OneMoreAnswerTest {
  private static final int MODELS = 20;
  private static final int QUESTIONS = 80;
  private static final int ANSWERS = 3;

  private final double[][] levels = new double[QUESTIONS][MODELS];

  /// Three answers of each model to each question. To even questions a model always answers the
  /// same, to odd ones by the throw of a coin of its own.
  private CorrectnessMatrix answers() {
    var random = new SplittableRandom(3);
    float[][] scores = new float[QUESTIONS][MODELS];
    float[] repeats = new float[QUESTIONS * MODELS];
    float[] variances = new float[QUESTIONS * MODELS];
    for (int j = 0; j < QUESTIONS; j++) {
      double difficulty = random.nextGaussian();
      for (int i = 0; i < MODELS; i++) {
        double p = Logistic.sigmoid(difficulty + 4.0 * i / MODELS - 2);
        levels[j][i] = j % 2 == 0 ? (random.nextDouble() < p ? 1 : 0) : p;
        MeanScore cell = new MeanScore();
        for (int t = 0; t < ANSWERS; t++) {
          cell.add(random.nextDouble() < levels[j][i] ? 1 : 0, 1, Double.NaN);
        }
        scores[j][i] = (float) cell.mean();
        repeats[j * MODELS + i] = ANSWERS;
        variances[j * MODELS + i] = (float) cell.variance();
      }
    }
    return CorrectnessMatrix.ofDense(
            IntStream.range(0, MODELS).mapToObj(i -> "model-" + i).toList(),
            IntStream.range(0, QUESTIONS)
                .mapToObj(j -> new Question("q" + j, "q" + j, "b"))
                .toList(),
            scores)
        .withRepeats(repeats, variances);
  }

  private static ItemParameters fitted(CorrectnessMatrix matrix) {
    float[] ones = new float[matrix.questionCount()];
    Arrays.fill(ones, 1);
    try (Workers workers = new Workers(2)) {
      return ItemParameters.fit(matrix, FloatMatrix.wrap(ones.length, 1, ones), workers);
    }
  }

  @Test
  void expected_withVariances_isNearerToTheLevelsThanMeanAndProbability() {
    CorrectnessMatrix matrix = answers();
    ItemParameters known = fitted(matrix);
    OneMoreAnswer one = OneMoreAnswer.of(known, matrix);
    List<ItemResponses> pool = ItemResponses.byModel(matrix);
    double again = 0;
    double mean = 0;
    double probability = 0;
    for (int i = 0; i < MODELS; i++) {
      Ability ability = known.ability(pool.get(i));
      for (int j = 0; j < QUESTIONS; j++) {
        again += square(one.expected(i, j) - levels[j][i]);
        mean += square(matrix.score(i, j) - levels[j][i]);
        probability += square(ability.probability(j) - levels[j][i]);
      }
    }
    assertThat(again).isLessThan(0.8 * Math.min(mean, probability));
  }

  private static double square(double x) {
    return x * x;
  }

  @Test
  void share_followsTheQuestionsOwnVariances() {
    CorrectnessMatrix matrix = answers();
    OneMoreAnswer one = OneMoreAnswer.of(fitted(matrix), matrix);
    double steady = 0;
    double thrown = 0;
    for (int j = 0; j < QUESTIONS; j += 2) {
      steady += one.shrunk(0, j, ANSWERS).share() / QUESTIONS * 2;
      thrown += one.shrunk(0, j + 1, ANSWERS).share() / QUESTIONS * 2;
    }
    assertThat(steady).isGreaterThan(thrown + 0.05);
  }

  @Test
  void without_isNearTheFitThatNeverSawTheAnswer() {
    CorrectnessMatrix matrix = answers();
    ItemParameters known = fitted(matrix);
    Ability with = known.ability(ItemResponses.byModel(matrix).get(4));
    double offWithout = 0;
    double offWith = 0;
    for (int j = 0; j < 12; j++) {
      int question = j;
      float[][] scores = new float[QUESTIONS][MODELS];
      for (int q = 0; q < QUESTIONS; q++) {
        matrix.scores(q, scores[q]);
      }
      scores[j][4] = Float.NaN;
      CorrectnessMatrix rest =
          CorrectnessMatrix.ofDense(matrix.models(), matrix.questions(), scores);
      float[] repeats = new float[rest.cellCount()];
      Arrays.fill(repeats, ANSWERS);
      double refitted;
      try (Workers workers = new Workers(2)) {
        float[] ones = new float[QUESTIONS];
        Arrays.fill(ones, 1);
        CorrectnessMatrix repeated = rest.withRepeats(repeats);
        ItemParameters refit =
            new ItemParameterFit(
                    repeated,
                    ItemResponses.byModel(repeated),
                    FloatMatrix.wrap(QUESTIONS, 1, ones),
                    workers)
                .withoutMisfit(known.dispersion());
        refitted = refit.ability(ItemResponses.byModel(rest).get(4)).probability(question);
      }
      offWithout += Math.abs(with.without(j) - refitted);
      offWith += Math.abs(with.probability(j) - refitted);
    }
    assertThat(offWithout).isLessThan(0.5 * offWith);
  }

  @Test
  void expected_ofAnUnansweredQuestion_isWhatTheOthersSay() {
    CorrectnessMatrix matrix = answers().withModels(List.of("model-3", "new", "model-1"));
    OneMoreAnswer one = OneMoreAnswer.of(fitted(matrix), matrix);
    assertThat(one.expected(1, 0)).isEqualTo(one.shrunk(1, 0, 0).outside());
    assertThat(one.expected(0, 0)).isBetween(0.0, 1.0);
  }
}
