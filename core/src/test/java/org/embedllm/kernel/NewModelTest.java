package org.embedllm.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.factorization.TrainingProblem;
import org.embedllm.itemresponse.Ability;
import org.embedllm.itemresponse.ItemParameters;
import org.embedllm.itemresponse.QuestionPlanner;
import org.embedllm.itemresponse.Responses;
import org.embedllm.logistic.LaplacePosterior;
import org.embedllm.modelvector.ModelVectorProblem;
import org.embedllm.modelvector.OnlineModelVector;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("training")
class NewModelTest {
  private static final int MODELS = 16;
  private static final int QUESTIONS = 1_000;

  private final SimulatedPool pool = new SimulatedPool(MODELS, QUESTIONS, 0, 0.8, 7);

  @Test
  void plannedAnswers_leavingEachModelOut_tellAccuracyBetterThanTheirMeanWould() {
    double planned = 0;
    double plainMean = 0;
    int covered = 0;
    for (int model = 0; model < MODELS; model++) {
      ModelVectorProblem problem = without(model);
      Responses all = Responses.byModel(pool.matrix).get(model);
      double truth = mean(all);
      Responses asked = ask(problem, all, 60);
      Ability.Accuracy accuracy = problem.known().ability(asked).accuracy();
      planned += Math.abs(accuracy.value() - truth) / MODELS;
      covered += accuracy.low() <= truth && truth <= accuracy.high() ? 1 : 0;
      for (int seed = 0; seed < 10; seed++) {
        plainMean += Math.abs(mean(shuffled(all, seed).first(60)) - truth) / MODELS / 10;
      }
    }
    assertThat(planned).isLessThan(0.75 * plainMean);
    assertThat(covered).isGreaterThanOrEqualTo(13);
  }

  @Test
  void ability_permutedAnswers_changeNothing() {
    ModelVectorProblem problem = without(3);
    Responses some = Responses.byModel(pool.matrix).get(3).first(200);
    for (int seed = 0; seed < 5; seed++) {
      Responses permuted = shuffled(some, seed);
      assertThat(problem.known().ability(permuted).posterior().mean())
          .isEqualTo(problem.known().ability(some).posterior().mean());
      assertThat(problem.solve(permuted).mean()).isEqualTo(problem.solve(some).mean());
    }
  }

  @Test
  void ability_moreAnswers_neverWidenTheIntervalOnAverage() {
    ModelVectorProblem problem = without(0);
    double before = Double.POSITIVE_INFINITY;
    for (int count : new int[] {0, 10, 40, 160, 640}) {
      double width = 0;
      for (int seed = 0; seed < 10; seed++) {
        Responses some = shuffled(Responses.byModel(pool.matrix).get(0), seed).first(count);
        Ability.Accuracy accuracy = problem.known().ability(some).accuracy();
        width += accuracy.high() - accuracy.low();
      }
      assertThat(width).isLessThan(before);
      before = width;
    }
  }

  @Test
  void ability_allAnswers_isTheMeanWithoutDoubt() {
    ModelVectorProblem problem = without(0);
    Responses all = Responses.byModel(pool.matrix).get(0);
    Ability.Accuracy accuracy = problem.known().ability(all).accuracy();
    assertThat(accuracy.value()).isEqualTo(mean(all));
    assertThat(accuracy.high() - accuracy.low()).isZero();
    assertThat(problem.known().ability(all).accuracyByBenchmark().keySet())
        .containsExactly("even", "odd");
  }

  @Test
  void solve_fewAnswersPlannedOrRandom_forecastsUnseenQuestionsAlmostAsAllAnswersDo() {
    double[] excess =
        new double[3]; // planned, random, none: cross-entropy over that of all answers
    for (int model = 0; model < MODELS; model += 3) {
      CorrectnessMatrix known = pool.questions(0, 800);
      KernelTraining training =
          new KernelFactorizationTrainer(
                  KernelOptions.DEFAULT.withLandmarks(80).withDimensions(List.of(3)).withThreads(1))
              .fit(
                  TrainingProblem.of(
                      known.selectModels(SimulatedPool.without(MODELS, model)), pool.vectors));
      ModelVectorProblem problem = training.vectorProblem();
      Responses all = Responses.byModel(known).get(model);
      double best = crossEntropy(training, problem.solve(all), model);
      excess[0] += crossEntropy(training, problem.solve(ask(problem, all, 60)), model) - best;
      for (int seed = 0; seed < 5; seed++) {
        Responses random = shuffled(all, seed).first(60);
        excess[1] += (crossEntropy(training, problem.solve(random), model) - best) / 5;
      }
      excess[2] += crossEntropy(training, problem.solve(all.first(0)), model) - best;
    }
    assertThat(excess[0] / 6).isLessThan(0.02);
    assertThat(excess[1] / 6).isLessThan(0.02);
    assertThat(excess[2]).isGreaterThan(3 * Math.max(excess[0], excess[1]));
  }

  /// Of the true probabilities and what a vector forecasts, over questions that nobody answered.
  private double crossEntropy(KernelTraining training, LaplacePosterior vector, int model) {
    var inputs = training.model().project(pool.vectors(800, QUESTIONS));
    double sum = 0;
    for (int j = 0; j < inputs.rows(); j++) {
      double[] input = new double[inputs.columns()];
      for (int k = 0; k < input.length; k++) {
        input[k] = inputs.get(j, k);
      }
      double p = 1 / (1 + Math.exp(-vector.logit(input)));
      double truth = pool.probabilities[800 + j][model];
      sum -= truth * Math.log(p) + (1 - truth) * Math.log1p(-p);
    }
    return sum / inputs.rows();
  }

  @Test
  void solve_fewerAnswers_leaveTheVectorLessCertain() {
    ModelVectorProblem problem = without(2);
    Responses all = Responses.byModel(pool.matrix).get(2);
    double before = 0;
    for (int count : new int[] {1_000, 499, 200, 50, 0}) {
      double variance = 0;
      double[] covariance = problem.solve(all.first(count)).covariance();
      for (int k = 0; k < problem.dimension(); k++) {
        variance += covariance[k * problem.dimension() + k];
      }
      assertThat(variance).isGreaterThan(before);
      before = variance;
    }
  }

  @Test
  void plan_stopRule_asksNothingMoreOnceItIsReached() {
    ItemParameters known = without(0).known();
    var planner = new QuestionPlanner(known);
    Responses none = Responses.of(new int[0], new double[0]);
    var plan = planner.plan(none, 900, 0.08, j -> true);
    assertThat(plan.questions()).doesNotHaveDuplicates().hasSizeBetween(5, 300);
    assertThat(plan.expectedHalfWidth()).isLessThanOrEqualTo(0.08);
    assertThat(planner.plan(Responses.byModel(pool.matrix).get(0), 50, 0.08, j -> true).complete())
        .isTrue();
    assertThat(planner.plan(none, 10, 0, j -> j % 2 == 0).questions())
        .allMatch(j -> j % 2 == 0)
        .hasSize(10);
  }

  @Test
  void answers_outOfRangeOrTwice_areRefused() {
    assertThatThrownBy(() -> Responses.of(new int[] {1, 1}, new double[] {0, 1}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Responses.of(new int[] {1}, new double[] {2}))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void online_sameLog_sameVector_andForgetsWhatChanged() {
    ModelVectorProblem problem = without(2);
    LaplacePosterior start = problem.solve(Responses.byModel(pool.matrix).get(2).first(300));
    var settings = new OnlineModelVector.Settings(40, 0.99, 100, 4);
    var first = new OnlineModelVector(start.mean(), start.covariance(), settings);
    var second = new OnlineModelVector(start.mean(), start.covariance(), settings);
    List<OnlineModelVector.Logged> log = new ArrayList<>();
    var random = new SplittableRandom(5);
    for (int t = 0; t < 200; t++) {
      List<Float> features = new ArrayList<>(List.of(1f));
      for (int k = 1; k < problem.dimension(); k++) {
        features.add((float) random.nextGaussian());
      }
      log.add(new OnlineModelVector.Logged(features, 0)); // from now on everything is wrong
    }
    first.replay(log);
    for (OnlineModelVector.Logged logged : log) {
      float[] features = new float[problem.dimension()];
      for (int k = 0; k < features.length; k++) {
        features[k] = logged.features().get(k);
      }
      second.update(features, logged.score());
    }
    assertThat(second.posterior().mean()).isEqualTo(first.posterior().mean());
    assertThat(second.outcomes()).isEqualTo(200);
    float[] plain = new float[problem.dimension()];
    plain[0] = 1;
    assertThat(first.probability(plain)).isLessThan(0.1);
  }

  @Test
  void online_ofACalibratedPool_startsFromThePoolsOwnForecasts() {
    KernelTraining training =
        new KernelFactorizationTrainer(
                KernelOptions.DEFAULT.withLandmarks(60).withDimensions(List.of(3)))
            .fit(pool.problem(600, 200));
    MatrixFactorization model = training.model();
    assertThat(model.classifierBias().get(0, 1)).isNotEqualTo(model.classifierBias().get(0, 0));
    var vector =
        OnlineModelVector.of(model, training.covariances(), 4, OnlineModelVector.Settings.DEFAULT);
    var projected = model.project(pool.vectors(800, 820));
    var forecasts = model.forecast(pool.vectors(800, 820));
    for (int j = 0; j < 20; j++) {
      assertThat(vector.probability(projected.row(j)))
          .isCloseTo(forecasts.get(j, 4), org.assertj.core.api.Assertions.within(1e-5));
    }
    double before = vector.probability(projected.row(0));
    for (int j = 0; j < 20; j++) {
      vector.update(projected.row(j), 0);
    }
    assertThat(vector.probability(projected.row(0))).isLessThan(before);
  }

  @Test
  void drift_whileThePastPredicts_isQuiet_andSpeaksWhenItDoesNot() {
    double[] start = {0.5};
    double[] covariance = {0.01};
    var steady = new OnlineModelVector(start, covariance, OnlineModelVector.Settings.DEFAULT);
    var changed = new OnlineModelVector(start, covariance, OnlineModelVector.Settings.DEFAULT);
    var random = new SplittableRandom(8);
    boolean quiet = true;
    boolean spoke = false;
    for (int t = 0; t < 600; t++) {
      double right = random.nextDouble() < 1 / (1 + Math.exp(-0.5)) ? 1 : 0;
      steady.update(new float[] {1}, right);
      changed.update(new float[] {1}, t < 300 ? right : random.nextDouble() < 0.15 ? 1 : 0);
      quiet &= !steady.drift().drifted();
      spoke |= changed.drift().drifted() && changed.drift().z() < 0;
    }
    assertThat(quiet).isTrue();
    assertThat(spoke).isTrue();
  }

  private ModelVectorProblem without(int model) {
    CorrectnessMatrix others = pool.matrix.selectModels(SimulatedPool.without(MODELS, model));
    return new KernelFactorizationTrainer(
            KernelOptions.DEFAULT
                .withLandmarks(80)
                .withDimensions(List.of(3))
                .withRidges(List.of(5.0))
                .withThreads(1))
        .fit(TrainingProblem.of(others, pool.vectors))
        .vectorProblem();
  }

  private static Responses ask(ModelVectorProblem problem, Responses all, int budget) {
    var planner = new QuestionPlanner(problem.known());
    Responses sofar = Responses.of(new int[0], new double[0]);
    while (sofar.count() < budget) {
      int[] questions = new int[sofar.count() + 10];
      double[] scores = new double[questions.length];
      for (int a = 0; a < sofar.count(); a++) {
        questions[a] = sofar.question(a);
        scores[a] = sofar.score(a);
      }
      List<Integer> next = planner.plan(sofar, 10, 0, j -> true).questions();
      for (int a = 0; a < 10; a++) {
        questions[sofar.count() + a] = next.get(a);
        scores[sofar.count() + a] = all.score(next.get(a)); // complete: answer j is to question j
      }
      sofar = Responses.of(questions, scores);
    }
    return sofar;
  }

  private static Responses shuffled(Responses answers, long seed) {
    var random = new SplittableRandom(seed);
    int[] questions = new int[answers.count()];
    double[] scores = new double[answers.count()];
    for (int a = 0; a < questions.length; a++) {
      int other = random.nextInt(a + 1);
      questions[a] = questions[other];
      scores[a] = scores[other];
      questions[other] = answers.question(a);
      scores[other] = answers.score(a);
    }
    return Responses.of(questions, scores);
  }

  private static double mean(Responses answers) {
    double sum = 0;
    for (int a = 0; a < answers.count(); a++) {
      sum += answers.score(a);
    }
    return sum / answers.count();
  }
}
