package org.embedllm.modelvector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import org.embedllm.factorization.MatrixFactorization;
import org.embedllm.itemresponse.ItemResponses;
import org.embedllm.kernel.KernelFactorizationTrainer;
import org.embedllm.kernel.KernelOptions;
import org.embedllm.kernel.KernelTraining;
import org.embedllm.kernel.SimulatedPool;
import org.embedllm.logistic.LaplacePosterior;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("training")
class OnlineModelVectorTest {
  private final SimulatedPool pool = new SimulatedPool(16, 1_000, 0, 0.8, 7);

  @Test
  void update_sameFeedback_givesTheSameVectorAndForgetsWhatChanged() {
    ModelVectorProblem problem = pool.vectorProblemWithout(2);
    LaplacePosterior start = problem.solve(ItemResponses.byModel(pool.matrix).get(2).first(300));
    OnlineModelVector first = allWrong(start, problem.dimension());
    OnlineModelVector second = allWrong(start, problem.dimension());
    assertThat(second.posterior().mean()).isEqualTo(first.posterior().mean());
    assertThat(second.scores()).isEqualTo(200);
    float[] plain = new float[problem.dimension()];
    plain[0] = 1;
    assertThat(first.probability(plain)).isLessThan(0.1);
  }

  private static OnlineModelVector allWrong(LaplacePosterior start, int dimension) {
    var vector =
        new OnlineModelVector(
            start.mean(), start.covariance(), new OnlineModelVector.Settings(40, 0.99, 100, 4));
    var random = new SplittableRandom(5);
    for (int t = 0; t < 200; t++) {
      float[] features = new float[dimension];
      features[0] = 1;
      for (int k = 1; k < dimension; k++) {
        features[k] = (float) random.nextGaussian();
      }
      vector.update(features, 0);
    }
    return vector;
  }

  @Test
  void of_aCalibratedPool_startsFromThePoolsOwnForecasts() {
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
      assertThat(vector.probability(projected.row(j))).isCloseTo(forecasts.get(j, 4), within(1e-5));
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
}
