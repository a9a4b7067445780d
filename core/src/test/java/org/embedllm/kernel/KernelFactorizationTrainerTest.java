package org.embedllm.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.factorization.MatrixFactorizationTrainer;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.factorization.TrainingProblem;
import org.embedllm.itemresponse.Ability;
import org.embedllm.itemresponse.ItemResponses;
import org.embedllm.logistic.Gaussian;
import org.embedllm.logistic.LogisticObservations;
import org.embedllm.logistic.LogitCalibration;
import org.embedllm.logistic.PenalizedLogisticRegression;
import org.embedllm.modelvector.ModelVectorPrior;
import org.embedllm.question.EncoderIdentity;
import org.embedllm.question.QuestionVectors;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("training")
class KernelFactorizationTrainerTest {
  private static final KernelOptions SMALL =
      KernelOptions.DEFAULT.withLandmarks(150).withDimensions(List.of(2, 5)).withThreads(2);

  private final SimulatedPool pool = new SimulatedPool(12, 1_200, 0.1, 0.3, 1);

  @Test
  void fit_curvedDifficulty_beatsAMajorityAndTheLinearTower() {
    MatrixFactorization kernel =
        new KernelFactorizationTrainer(SMALL).fit(pool.problem(800, 200)).model();
    MatrixFactorization linear =
        new MatrixFactorizationTrainer(
                TrainingOptions.DEFAULT.withDimension(8).withEpochs(20).withThreads(1))
            .fit(pool.problem(800, 200))
            .model();
    double ours = logLoss(kernel);
    assertThat(ours).isLessThan(logLoss(linear));
    assertThat(ours).isLessThan(bestConstant());
  }

  @Test
  void fit_severalNumbersOfComponents_takesTheLargestThatCostsNothingOnValidation() {
    List<Integer> counts = List.of(1, 2, 5, 12);
    for (long seed = 1; seed <= 3; seed++) {
      SimulatedPool simulated = new SimulatedPool(12, 700, 0.1, 0.3, seed);
      TrainingProblem problem = simulated.problem(500, 200);
      double[] losses = new double[counts.size()];
      int[] fitted = new int[counts.size()];
      double least = Double.POSITIVE_INFINITY;
      for (int at = 0; at < losses.length; at++) {
        KernelTraining alone =
            new KernelFactorizationTrainer(SMALL.withDimensions(List.of(counts.get(at))))
                .fit(problem);
        losses[at] = uncalibratedLoss(alone, simulated, 500, 700);
        fitted[at] = alone.result().model().dimension() - 1;
        least = Math.min(least, losses[at]);
      }
      int expected = 0;
      for (int at = 0; at < losses.length; at++) {
        expected = losses[at] <= least + 1e-3 ? fitted[at] : expected;
      }
      KernelTraining chosen =
          new KernelFactorizationTrainer(SMALL.withDimensions(counts)).fit(problem);
      assertThat(chosen.model().dimension() - 1).isEqualTo(expected);
    }
  }

  private static double uncalibratedLoss(
      KernelTraining training, SimulatedPool simulated, int from, int to) {
    FloatMatrix forecast = training.model().forecast(simulated.vectors(from, to));
    CorrectnessMatrix held = simulated.questions(from, to);
    LogitCalibration calibration = training.calibration();
    double sum = 0;
    for (int j = 0; j < to - from; j++) {
      for (int c = held.firstCell(j); c < held.firstCell(j + 1); c++) {
        double p = forecast.get(j, held.cellModel(c));
        double logit = (Math.log(p / (1 - p)) - calibration.shift()) / calibration.scale();
        sum += Math.log1p(Math.exp(held.cellScore(c) >= 0.5 ? -logit : logit));
      }
    }
    return sum / held.cellCount();
  }

  @Test
  void fit_anyNumberOfThreads_sameModel() {
    KernelTraining one =
        new KernelFactorizationTrainer(SMALL.withThreads(1)).fit(pool.problem(600, 100));
    KernelTraining three =
        new KernelFactorizationTrainer(SMALL.withThreads(3)).fit(pool.problem(600, 100));
    assertThat(three.model().modelVectors()).isEqualTo(one.model().modelVectors());
    assertThat(three.model().projection()).isEqualTo(one.model().projection());
    assertThat(three.covariances()).isEqualTo(one.covariances());
    assertThat(three.outOfDistribution().nearness()).isEqualTo(one.outOfDistribution().nearness());
  }

  @Test
  void fit_manyEqualVectorsAndTinyPools_stillFits() {
    SimulatedPool tiny = new SimulatedPool(1, 30, 0, 0, 3);
    float[] same = new float[30 * 8];
    java.util.Arrays.fill(same, 0.5f);
    var vectors =
        new org.embedllm.question.QuestionVectors(
            tiny.vectors.ids(), FloatMatrix.wrap(30, 8, same), tiny.vectors.encoder());
    MatrixFactorization model =
        new KernelFactorizationTrainer(SMALL)
            .fit(TrainingProblem.of(tiny.matrix, vectors))
            .result()
            .model();
    assertThat(model.forecast(vectors.vectors()).get(0, 0)).isBetween(0.01f, 0.99f);
  }

  @Test
  void fit_answersThatNoTextTells_doesNotForecastItsOwnTrainingAnswersBackwards() {
    for (long seed = 0; seed < 4; seed++) {
      for (int models : new int[] {1, 4}) {
        for (boolean alike : new boolean[] {true, false}) {
          TrainingProblem problem = unrelated(models, alike, seed);
          MatrixFactorization model =
              new KernelFactorizationTrainer(SMALL.withLandmarks(200))
                  .fit(problem)
                  .result()
                  .model();
          FloatMatrix forecast = model.forecast(problem.features());
          double difference = 0; // of right and wrong answers, in their mean forecasts
          CorrectnessMatrix train = problem.train();
          for (int i = 0; i < models; i++) {
            difference += meanForecast(forecast, train, i, 1) - meanForecast(forecast, train, i, 0);
          }
          assertThat(difference)
              .as("seed %d, %d models, alike: %s", seed, models, alike)
              .isGreaterThan(-1e-6);
        }
      }
    }
  }

  private static double meanForecast(
      FloatMatrix forecast, CorrectnessMatrix answers, int model, float score) {
    return java.util.stream.IntStream.range(0, answers.questionCount())
        .filter(j -> answers.score(model, j) == score)
        .mapToDouble(j -> forecast.get(j, model))
        .average()
        .orElseThrow();
  }

  /// 200 training and 60 validation questions with random vectors and random answers.
  private static TrainingProblem unrelated(int models, boolean alike, long seed) {
    var random = new java.util.SplittableRandom(seed);
    int n = 260;
    int q = 64;
    float[] vectors = new float[n * q];
    float[][] scores = new float[n][models];
    List<Question> questions = new java.util.ArrayList<>();
    for (int j = 0; j < n; j++) {
      for (int k = 0; k < q; k++) {
        vectors[j * q + k] = (float) random.nextGaussian();
      }
      for (int i = 0; i < models; i++) {
        scores[j][i] = alike && i > 0 ? scores[j][0] : random.nextDouble() < 0.4 ? 1 : 0;
      }
      questions.add(new Question("q" + j, "text " + j, "b"));
    }
    List<String> names =
        java.util.stream.IntStream.range(0, models).mapToObj(i -> "model-" + i).toList();
    CorrectnessMatrix matrix = CorrectnessMatrix.ofDense(names, questions, scores);
    var encoded =
        new QuestionVectors(
            questions.stream().map(Question::id).toList(),
            FloatMatrix.wrap(n, q, vectors),
            new EncoderIdentity("random", "00", q, 0));
    return TrainingProblem.of(matrix.selectQuestions(SimulatedPool.range(0, 200)), encoded)
        .withValidation(matrix.selectQuestions(SimulatedPool.range(200, n)), encoded);
  }

  @Test
  void rowProblem_answersOfAnExistingModel_bringItBackToItsOwnPlace() {
    KernelTraining training = new KernelFactorizationTrainer(SMALL).fit(pool.problem(800, 200));
    List<ItemResponses> answers = ItemResponses.byModel(pool.questions(0, 800));
    for (int i = 0; i < 12; i++) {
      double[] vector = training.vectorProblem().solve(answers.get(i)).mean();
      for (int k = 0; k < vector.length; k++) {
        assertThat((float) vector[k]).isEqualTo(training.model().modelVectors().get(i, k));
      }
    }
  }

  @Test
  void rowProblem_fewAnswers_countsTheOthersAsTheSumOfTheirPredictions() {
    KernelTraining training = new KernelFactorizationTrainer(SMALL).fit(pool.problem(800, 200));
    for (ItemResponses all : ItemResponses.byModel(pool.questions(0, 800))) {
      ItemResponses few = all.only(j -> j % 10 == 3);
      Ability ability = training.vectorProblem().known().ability(few);
      double[] vector = training.vectorProblem().solve(few).mean();
      double[] summed = summed(training, few, ability);
      double square = 0;
      for (int j = 0; j < 800; j++) {
        double difference = 0;
        for (int k = 0; k < vector.length; k++) {
          difference += (vector[k] - summed[k]) * training.inputs().get(j, k);
        }
        square += difference * difference / 800;
      }
      assertThat(Math.sqrt(square)).isLessThan(0.1); // of logits
    }
  }

  /// A model's vector with a term for each question that it did not answer.
  private static double[] summed(KernelTraining training, ItemResponses few, Ability ability) {
    ModelVectorPrior prior = training.vectorProblem().prior();
    int k = prior.dimension();
    double[] mean = new double[k];
    double[] covariance = new double[k * k];
    for (int i = 0; i < k; i++) {
      mean[i] = prior.tensor().get(0, i) + prior.tensor().get(1, i) * ability.value();
      for (int l = 0; l < k; l++) {
        covariance[i * k + l] =
            ability.variance() * prior.tensor().get(1, i) * prior.tensor().get(1, l);
      }
      covariance[i * k + i] += prior.tensor().get(2, i);
    }
    double[] scores = new double[800];
    double[] weights = new double[800];
    java.util.Arrays.fill(weights, 1 - 2.0 * few.count() / 800);
    for (int j = 0; j < 800; j++) {
      scores[j] = ability.probability(j);
    }
    for (int a = 0; a < few.count(); a++) {
      scores[few.question(a)] = few.score(a);
      weights[few.question(a)] = 1;
    }
    return PenalizedLogisticRegression.solve(
            LogisticObservations.of(k, training.inputs().toArray(), scores, weights),
            Gaussian.ofCovariance(mean, covariance))
        .mean();
  }

  private double logLoss(MatrixFactorization model) {
    FloatMatrix forecast = model.forecast(pool.vectors(1_000, 1_200));
    CorrectnessMatrix test = pool.questions(1_000, 1_200);
    double sum = 0;
    for (int j = 0; j < 200; j++) {
      for (int c = test.firstCell(j); c < test.firstCell(j + 1); c++) {
        double p = forecast.get(j, test.cellModel(c));
        sum -= Math.log(test.cellScore(c) >= 0.5 ? p : 1 - p);
      }
    }
    return sum / test.cellCount();
  }

  private double bestConstant() {
    CorrectnessMatrix test = pool.questions(1_000, 1_200);
    double mean = 0;
    for (int c = 0; c < test.cellCount(); c++) {
      mean += test.cellScore(c) / test.cellCount();
    }
    return -mean * Math.log(mean) - (1 - mean) * Math.log(1 - mean);
  }

  @Test
  void fit_nestedKernelsWithAnyNumberOfThreads_givesTheSameModel() {
    var problem = new SimulatedTasks(16, 1_000, 3).problem(600, 150);
    KernelOptions options = KernelOptions.DEFAULT.withLandmarks(120).withDimensions(List.of(3, 8));
    MatrixFactorization model =
        new KernelFactorizationTrainer(options.withThreads(2)).fit(problem).model();
    MatrixFactorization other =
        new KernelFactorizationTrainer(options.withThreads(1)).fit(problem).model();
    assertThat(other.features()).isEqualTo(model.features());
    assertThat(other.modelVectors()).isEqualTo(model.modelVectors());
    assertThat(other.projection()).isEqualTo(model.projection());
  }
}
