package org.embedllm.modelvector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.factorization.TrainingProblem;
import org.embedllm.itemresponse.ItemResponses;
import org.embedllm.itemresponse.SimulatedResponses;
import org.embedllm.kernel.KernelFactorizationTrainer;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.kernel.KernelTraining;
import org.embedllm.kernel.SimulatedPool;
import org.embedllm.logistic.LaplacePosterior;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("training")
class ModelVectorProblemTest {
  private static final int MODELS = 16;
  private static final int QUESTIONS = 1_000;

  private final SimulatedPool pool = new SimulatedPool(MODELS, QUESTIONS, 0, 0.8, 7);

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
      ItemResponses all = ItemResponses.byModel(known).get(model);
      double best = crossEntropy(training, problem.solve(all), model);
      excess[0] +=
          crossEntropy(
                  training, problem.solve(SimulatedResponses.ask(problem.known(), all, 60)), model)
              - best;
      for (int seed = 0; seed < 5; seed++) {
        ItemResponses random = SimulatedResponses.shuffled(all, seed).first(60);
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
  void solve_permutedAnswers_changeNothing() {
    ModelVectorProblem problem = pool.vectorProblemWithout(3);
    ItemResponses some = ItemResponses.byModel(pool.matrix).get(3).first(200);
    for (int seed = 0; seed < 5; seed++) {
      ItemResponses permuted = SimulatedResponses.shuffled(some, seed);
      assertThat(problem.solve(permuted).mean()).isEqualTo(problem.solve(some).mean());
    }
  }

  @Test
  void solve_fewerAnswers_leaveTheVectorLessCertain() {
    ModelVectorProblem problem = pool.vectorProblemWithout(2);
    ItemResponses all = ItemResponses.byModel(pool.matrix).get(2);
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
}
