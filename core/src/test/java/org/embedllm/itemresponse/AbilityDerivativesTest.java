package org.embedllm.itemresponse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.correctness.Question;
import org.embedllm.logistic.Gaussian;
import org.embedllm.logistic.LaplacePosterior;
import org.embedllm.logistic.LogisticObservations;
import org.embedllm.logistic.PenalizedLogisticRegression;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AbilityDerivativesTest {
  private static final int QUESTIONS = 300;

  /// Of the general ability, of five benchmarks, along the text, and the common one.
  private static final FloatMatrix VARIANCES =
      FloatMatrix.wrap(1, 10, new float[] {1, .1f, .1f, .1f, .1f, .1f, .1f, .1f, .1f, .1f});

  private final ItemParameters known = known();

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 40, 300})
  void ability_severalBenchmarks_isTheMinimumOfTheDenseProblem(int count) {
    ItemResponses answers = answers(count);
    LaplacePosterior found = known.ability(answers).posterior();
    int width = known.abilityDimension();
    float[] inputs = new float[count * width];
    double[] offsets = new double[count];
    double[] scores = new double[count];
    for (int a = 0; a < count; a++) {
      double[] input = known.abilityInput(answers.question(a));
      for (int v = 0; v < width; v++) {
        inputs[a * width + v] = (float) input[v];
      }
      offsets[a] = known.offset(answers.question(a));
      scores[a] = answers.score(a);
    }
    double[] variances = new double[width];
    for (int v = 0; v < width; v++) {
      variances[v] = VARIANCES.get(0, v);
    }
    LaplacePosterior dense =
        PenalizedLogisticRegression.solve(
            LogisticObservations.of(width, inputs, scores).plus(offsets),
            Gaussian.ofVariances(new double[width], variances));
    assertThat(found.mean()).containsExactly(dense.mean(), within(1e-6));
    assertThat(found.covariance()).containsExactly(dense.covariance(), within(1e-6));
  }

  @Test
  void ability_sameAnswersInAnotherOrder_isTheSame() {
    ItemResponses answers = answers(60);
    int[] questions = IntStream.range(0, 60).map(a -> answers.question(59 - a)).toArray();
    double[] scores = IntStream.range(0, 60).mapToDouble(a -> answers.score(59 - a)).toArray();
    assertThat(known.ability(ItemResponses.of(questions, scores)).posterior().mean())
        .isEqualTo(known.ability(answers).posterior().mean());
  }

  @Test
  void alongAbility_allQuestionsAtOnce_isThatOfEach() {
    double[] vector = new SplittableRandom(3).doubles(known.abilityDimension()).toArray();
    double[] all = new double[QUESTIONS];
    known.alongAbility(vector, all);
    for (int j = 0; j < QUESTIONS; j++) {
      assertThat(all[j]).isEqualTo(known.alongAbility(j, vector), within(1e-12));
    }
  }

  private static ItemResponses answers(int count) {
    var random = new SplittableRandom(count);
    return ItemResponses.of(
        IntStream.range(0, count).map(a -> a * QUESTIONS / Math.max(1, count)).toArray(),
        random.doubles(count).map(x -> x < 0.6 ? 1 : 0).toArray());
  }

  /// 300 questions, most of them of one of five benchmarks.
  static ItemParameters known() {
    var random = new SplittableRandom(8);
    List<Question> questions = new ArrayList<>();
    float[] parameters = new float[QUESTIONS * 5];
    float[] inputs = new float[QUESTIONS * 4];
    for (int j = 0; j < QUESTIONS; j++) {
      String benchmark = j % 7 == 0 ? Question.NO_BENCHMARK : "benchmark-" + j % 5;
      questions.add(new Question("q" + j, "text", benchmark));
      parameters[j * 5] = (float) random.nextGaussian();
      parameters[j * 5 + 1] = 0.7f;
      parameters[j * 5 + 2] = 0.1f;
      parameters[j * 5 + 4] = 0.05f;
      inputs[j * 4] = 1;
      for (int c = 1; c < 4; c++) {
        inputs[j * 4 + c] = (float) random.nextGaussian();
      }
    }
    return ItemParameters.of(
        questions,
        FloatMatrix.wrap(QUESTIONS, 5, parameters),
        FloatMatrix.wrap(QUESTIONS, 4, inputs),
        VARIANCES);
  }
}
