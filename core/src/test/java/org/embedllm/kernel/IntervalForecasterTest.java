package org.embedllm.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.factorization.TrainingProblem;
import org.embedllm.forecast.Forecast;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.PromptVariant;
import org.embedllm.question.QuestionVectors;
import org.embedllm.question.TextFeatureVectors;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("training")
class IntervalForecasterTest {
  private static final KernelOptions SMALL =
      KernelOptions.DEFAULT.withLandmarks(150).withDimensions(List.of(2, 5)).withThreads(2);

  private final SimulatedPool pool = new SimulatedPool(12, 1_200, 0.1, 0.3, 1);

  @Test
  void forecast_farFromTraining_widensAndAbstains() {
    KernelTraining training = new KernelFactorizationTrainer(SMALL).fit(pool.problem(800, 200));
    var forecaster =
        new IntervalForecaster(
            training.model(), training.covariances(), training.outOfDistribution());
    // A vector of length 0 has the cosine 0 with every landmark: nothing like it was seen.
    Forecast far = forecaster.forecast(new float[8]);
    int wider = 0;
    for (int j = 0; j < 50; j++) {
      Forecast near = forecaster.forecast(pool.vectors.vectors().row(j));
      assertThat(near.models().getFirst().low())
          .isLessThanOrEqualTo(near.models().getFirst().probability());
      assertThat(near.models().getFirst().high())
          .isGreaterThanOrEqualTo(near.models().getFirst().probability());
      wider += logitWidth(far) > logitWidth(near) ? 1 : 0;
      assertThat(forecaster.outOfDistribution(pool.vectors.vectors().row(j))).isBetween(0.0, 1.0);
    }
    assertThat(wider).isGreaterThan(45);
    assertThat(far.abstain()).isTrue();
    assertThat(forecaster.outOfDistribution(new float[8])).isEqualTo(1);
  }

  @Test
  void forecast_oneLandmark_doesNotDeclineWhatItWasTrainedOn() {
    KernelTraining training =
        new KernelFactorizationTrainer(SMALL.withLandmarks(1)).fit(pool.problem(800, 200));
    var forecaster =
        new IntervalForecaster(
            training.model(), training.covariances(), training.outOfDistribution());
    int declined = 0;
    for (int j = 0; j < 200; j++) {
      declined += forecaster.forecast(pool.vectors.vectors().row(j)).abstain() ? 1 : 0;
    }
    assertThat(declined).isLessThan(10);
  }

  @Test
  void forecast_trainedOnFewPatterns_declinesTheUnrelatedAndNotOtherWords() {
    int q = 32;
    var random = new SplittableRandom(4);
    float[][] patterns = new float[10][];
    for (int i = 0; i < patterns.length; i++) {
      patterns[i] = direction(random, q);
    }
    List<Question> questions = new ArrayList<>();
    float[] vectors = new float[300 * q];
    float[][] scores = new float[300][4];
    for (int j = 0; j < 300; j++) {
      questions.add(new Question("q" + j, "text " + j, "patterns"));
      float[] vector = mixed(patterns[j % patterns.length], direction(random, q), 0.15f);
      System.arraycopy(vector, 0, vectors, j * q, q);
      for (int i = 0; i < 4; i++) {
        scores[j][i] = random.nextInt(3) > 0 ? 1 : 0;
      }
    }
    var encoded =
        new QuestionVectors(
            questions.stream().map(Question::id).toList(),
            FloatMatrix.wrap(300, q, vectors),
            new EncoderIdentity("patterns", "00", q, 0));
    KernelTraining training =
        new KernelFactorizationTrainer(SMALL)
            .fit(
                TrainingProblem.of(
                    CorrectnessMatrix.ofDense(List.of("a", "b", "c", "d"), questions, scores),
                    encoded));
    var forecaster =
        new IntervalForecaster(
            training.model(), training.covariances(), training.outOfDistribution());
    int otherWords = 0;
    int unrelated = 0;
    for (int j = 0; j < 200; j++) {
      float[] elsewhere = direction(random, q);
      float[] near = mixed(patterns[j % patterns.length], elsewhere, 0.8f);
      otherWords += forecaster.forecast(near).abstain() ? 1 : 0;
      unrelated += forecaster.forecast(elsewhere).abstain() ? 1 : 0;
    }
    assertThat(otherWords).isLessThan(10);
    assertThat(unrelated).isGreaterThan(150);
  }

  private static float[] direction(SplittableRandom random, int q) {
    float[] vector = new float[q];
    for (int k = 0; k < q; k++) {
      vector[k] = (float) random.nextGaussian();
    }
    return mixed(vector, vector, 0);
  }

  /// `a + weight b`, brought to length 1.
  private static float[] mixed(float[] a, float[] b, float weight) {
    float[] sum = new float[a.length];
    double square = 0;
    for (int k = 0; k < a.length; k++) {
      sum[k] = a[k] + weight * b[k];
      square += (double) sum[k] * sum[k];
    }
    for (int k = 0; k < a.length; k++) {
      sum[k] /= (float) Math.sqrt(square);
    }
    return sum;
  }

  @Test
  void forecast_awayFromTraining_widensStepByStep_andDeclinesFewOfItsOwnKind() {
    // Trained on one side of the sphere: the first coordinate is above 0.
    int[] near = side(true);
    int[] far = side(false);
    int[] trained = java.util.Arrays.copyOf(near, 400);
    KernelTraining training =
        new KernelFactorizationTrainer(SMALL)
            .fit(TrainingProblem.of(pool.matrix.selectQuestions(trained), pool.vectors));
    var forecaster =
        new IntervalForecaster(
            training.model(), training.covariances(), training.outOfDistribution());
    int ownDeclined = 0;
    for (int at = 400; at < near.length; at++) {
      ownDeclined += forecaster.forecast(pool.vectors.vectors().row(near[at])).abstain() ? 1 : 0;
    }
    assertThat(ownDeclined / (near.length - 400.0)).isLessThan(0.06);
    double[] open = new double[4];
    int declined = 0;
    for (int j : far) {
      float[] vector = pool.vectors.vectors().row(j);
      float[] pole = vector.clone();
      pole[0] = -2; // near the other pole
      declined += forecaster.forecast(pole).abstain() ? 1 : 0;
      for (int step = 0; step < open.length; step++) {
        float[] between = vector.clone();
        between[0] = 0.4f - 0.4f * step; // from the known side towards the other pole
        open[step] += forecaster.outOfDistribution(between) / far.length;
      }
    }
    assertThat(open).isSorted();
    assertThat(open[3]).isGreaterThan(3 * open[0]);
    assertThat(declined / (double) far.length).isGreaterThan(0.9);
  }

  private int[] side(boolean above) {
    return java.util.stream.IntStream.range(0, pool.matrix.questionCount())
        .filter(j -> pool.vectors.vectors().get(j, 0) > 0 == above)
        .toArray();
  }

  @Test
  void forecast_intervals_coverTheTrueProbability() {
    // Without anything hidden from the vectors the probabilities are functions of them.
    SimulatedPool open = new SimulatedPool(12, 1_200, 0, 0, 11);
    KernelTraining training = new KernelFactorizationTrainer(SMALL).fit(open.problem(800, 200));
    var forecaster =
        new IntervalForecaster(
            training.model(), training.covariances(), training.outOfDistribution());
    int covered = 0;
    for (int j = 1_000; j < 1_200; j++) {
      Forecast forecast = forecaster.forecast(open.vectors.vectors().row(j));
      for (int i = 0; i < 12; i++) {
        double truth = open.probabilities[j][i];
        Forecast.ModelForecast one = forecast.models().get(i);
        covered += one.low() <= truth && truth <= one.high() ? 1 : 0;
      }
    }
    assertThat(covered / 2_400.0).isGreaterThan(0.85);
  }

  @Test
  void forecast_anyDimension_isTheFactorizationsOwnWithTheVarianceOfTheFormula() {
    for (int d : new int[] {5, 11}) {
      KernelTraining training =
          new KernelFactorizationTrainer(SMALL.withDimensions(List.of(d)))
              .fit(pool.problem(600, 100));
      var forecaster =
          new IntervalForecaster(
              training.model(), training.covariances(), training.outOfDistribution());
      FloatMatrix plain = training.model().forecast(pool.vectors(700, 720));
      for (int j = 0; j < 20; j++) {
        float[] vector = pool.vectors.vectors().row(700 + j);
        Forecast one = forecaster.forecast(vector);
        double open = forecaster.outOfDistribution(vector);
        for (int i = 0; i < 12; i++) {
          Forecast.ModelForecast model = one.models().get(i);
          assertThat(model.probability()).isCloseTo(plain.get(j, i), within(1e-4));
          double half = 1.959964 * Math.sqrt(variance(training, i, vector, open));
          double logit = Math.log(model.probability() / (1 - model.probability()));
          assertThat(model.low()).isCloseTo(1 / (1 + Math.exp(half - logit)), within(1e-4));
          assertThat(model.high()).isCloseTo(1 / (1 + Math.exp(-half - logit)), within(1e-4));
        }
      }
      assertThatThrownBy(() -> forecaster.forecast(new float[3]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("dimension 8");
    }
  }

  /// Formula (6) of the method's description.
  private static double variance(KernelTraining training, int i, float[] vector, double open) {
    MatrixFactorization model = training.model();
    int d = model.dimension();
    FloatMatrix v = model.project(FloatMatrix.wrap(1, vector.length, vector));
    double variance = 0;
    for (int k = 0; k < d; k++) {
      double weighted = v.get(0, k) * model.logitWeight(k);
      for (int l = 0; l < d; l++) {
        variance +=
            weighted
                * training.covariances().get(i, k * d + l)
                * v.get(0, l)
                * model.logitWeight(l);
      }
      double text = model.modelVectors().get(i, k) * model.logitWeight(k);
      variance += text * text * training.outOfDistribution().variances().get(0, k) * open;
    }
    return variance;
  }

  private static double logitWidth(Forecast forecast) {
    Forecast.ModelForecast one = forecast.models().getFirst();
    return Math.log(one.high() / (1 - one.high())) - Math.log(one.low() / (1 - one.low()));
  }

  @Test
  void forecast_questionAskedInANovelForm_isHardlyWider() {
    SimulatedTasks tasks = new SimulatedTasks(16, 1_000, 3);
    KernelTraining training =
        new KernelFactorizationTrainer(SMALL.withDimensions(List.of(3, 8)))
            .fit(tasks.problem(600, 150));
    var forecaster =
        new IntervalForecaster(
            training.model(),
            training.covariances(),
            training.outOfDistribution(),
            training.contentOutOfDistribution());
    double plain = 0;
    double novel = 0;
    List<Question> questions = tasks.matrix.questions();
    for (int j = 750; j < 790; j++) {
      Question question = questions.get(j);
      List<Question> asked =
          List.of(
              new Question(
                  question.id(),
                  PromptVariant.LOWER_CASE.of(question.text()),
                  question.benchmark()));
      plain += width(forecaster.forecast(tasks.vectors.vectors().row(j)));
      novel +=
          width(
              forecaster.forecast(
                  TextFeatureVectors.append(tasks.sentences.of(asked), asked).vectors().row(0)));
    }
    assertThat(novel / plain).isBetween(0.7, 1.3);
  }

  private static double width(Forecast forecast) {
    return forecast.models().stream().mapToDouble(m -> m.high() - m.low()).average().orElse(0);
  }
}
