package org.embedllm.itemresponse;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.linalg.Workers;
import org.embedllm.logistic.ScoreDispersion;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

class ModelMisfitVarianceTest {
  private static final int MODELS = 24;
  private static final int QUESTIONS = 900;

  @Test
  void measure_modelsThatGuessOnSomeQuestions_areFurtherOffThanTwoParameterModels() {
    double exact = Math.sqrt(measure(0)[0]);
    double guessing = Math.sqrt(measure(0.8)[0]);
    // Not zero: 18 models leave discriminations uncertain, and plans look where they seem large.
    assertThat(exact).isLessThan(0.03);
    assertThat(guessing).isGreaterThan(1.5 * exact);
  }

  @Test
  void measure_anyNumberOfThreads_givesTheSame() {
    assertThat(measure(0.5, 3)).isEqualTo(measure(0.5, 1));
  }

  @Test
  void measure_tooFewModels_isZero() {
    CorrectnessMatrix few = pool(0.5).selectModels(new int[] {0, 1, 2, 3, 4, 5, 6});
    try (Workers workers = new Workers(1)) {
      assertThat(ModelMisfitVariance.measure(few, inputs(), ScoreDispersion.LABELS, workers))
          .containsExactly(0, 0);
    }
  }

  private static double[] measure(double guessing) {
    return measure(guessing, 2);
  }

  private static double[] measure(double guessing, int threads) {
    try (Workers workers = new Workers(threads)) {
      return ModelMisfitVariance.measure(pool(guessing), inputs(), ScoreDispersion.LABELS, workers);
    }
  }

  private static FloatMatrix inputs() {
    var random = new Random(4);
    float[] inputs = new float[QUESTIONS * 2];
    for (int j = 0; j < QUESTIONS; j++) {
      inputs[2 * j] = 1;
      inputs[2 * j + 1] = (float) random.nextGaussian();
    }
    return FloatMatrix.wrap(QUESTIONS, 2, inputs);
  }

  /// Two-parameter models that also guess where questions tell little: each its own share of those
  /// it would get wrong, up to a bound.
  private static CorrectnessMatrix pool(double guessing) {
    var random = new Random(3);
    List<String> models = new ArrayList<>();
    float[][] scores = new float[QUESTIONS][MODELS];
    double[] ability = new double[MODELS];
    double[] guesses = new double[MODELS];
    for (int i = 0; i < MODELS; i++) {
      models.add("m" + i);
      ability[i] = random.nextGaussian();
      guesses[i] = guessing * random.nextDouble();
    }
    List<Question> questions = new ArrayList<>();
    for (int j = 0; j < QUESTIONS; j++) {
      questions.add(new Question("q" + j, "text " + j, "skill" + j % 2));
      double difficulty = random.nextGaussian();
      double slope = j % 4 == 0 ? 2.5 : 0.4;
      for (int i = 0; i < MODELS; i++) {
        double p = 1 / (1 + Math.exp(-slope * (ability[i] - difficulty)));
        p += slope < 1 ? (1 - p) * guesses[i] : 0;
        scores[j][i] = random.nextDouble() < p ? 1 : 0;
      }
    }
    return CorrectnessMatrix.ofDense(models, questions, scores);
  }
}
