package org.embedllm.modelvector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.embedllm.itemresponse.ItemResponses;
import org.embedllm.logistic.Gaussian;
import org.embedllm.logistic.LaplacePosterior;
import org.embedllm.logistic.LogisticObservations;
import org.embedllm.logistic.PenalizedLogisticRegression;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

class ModelVectorBatchTest {
  private static final int QUESTIONS = 700;
  private static final int K = 61; // a Hessian of two panels

  private final SplittableRandom random = new SplittableRandom(4);
  private final FloatMatrix inputs = inputs();
  private final List<ItemResponses> models =
      IntStream.range(0, 5).mapToObj(i -> this.answers()).toList();
  private final Gaussian prior = prior();

  @Test
  void solve_modelsWithGaps_findsTheMinimumOfEach() {
    LaplacePosterior[] solved = solve(models, new double[5][K]);
    for (int i = 0; i < 5; i++) {
      LaplacePosterior alone = alone(models.get(i));
      assertThat(solved[i].mean()).containsExactly(alone.mean(), within(1e-9));
      assertThat(solved[i].covariance()).containsExactly(alone.covariance(), within(1e-6));
      assertThat(solved[i].answers()).isEqualTo(models.get(i).count());
    }
  }

  @Test
  void solve_anotherBatchOrStart_givesTheSameVector() {
    LaplacePosterior[] solved = solve(models, new double[5][K]);
    LaplacePosterior[] one = solve(models.subList(3, 4), new double[1][K]);
    assertThat(one[0].mean()).isEqualTo(solved[3].mean());
    double[][] far = new double[5][];
    for (int i = 0; i < 5; i++) {
      far[i] = random.doubles(K, -5, 5).toArray();
    }
    LaplacePosterior[] fromFar = solve(models, far);
    for (int i = 0; i < 5; i++) {
      assertThat(fromFar[i].mean()).containsExactly(solved[i].mean(), within(1e-9));
    }
  }

  private LaplacePosterior[] solve(List<ItemResponses> pool, double[][] starts) {
    List<Gaussian> priors = new ArrayList<>();
    pool.forEach(own -> priors.add(prior));
    return new ModelVectorBatch(pool, inputs).solve(priors, starts, true);
  }

  private LaplacePosterior alone(ItemResponses own) {
    float[] rows = new float[own.count() * K];
    double[] scores = new double[own.count()];
    for (int a = 0; a < scores.length; a++) {
      System.arraycopy(inputs.row(own.question(a)), 0, rows, a * K, K);
      scores[a] = own.score(a);
    }
    return PenalizedLogisticRegression.solve(LogisticObservations.of(K, rows, scores), prior);
  }

  private FloatMatrix inputs() {
    float[] values = new float[QUESTIONS * K];
    for (int at = 0; at < values.length; at++) {
      values[at] = at % K == 0 ? 1 : (float) random.nextGaussian();
    }
    return FloatMatrix.wrap(QUESTIONS, K, values);
  }

  private ItemResponses answers() {
    double[] truth = random.doubles(K, -1, 1).toArray();
    int[] asked = IntStream.range(0, QUESTIONS).filter(j -> random.nextDouble() < 0.8).toArray();
    double[] scores = new double[asked.length];
    for (int a = 0; a < asked.length; a++) {
      double logit = 0;
      for (int c = 0; c < K; c++) {
        logit += truth[c] * inputs.get(asked[a], c);
      }
      scores[a] = random.nextDouble() < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
    }
    return ItemResponses.of(asked, scores);
  }

  private static Gaussian prior() {
    double[] mean = new double[K];
    double[] variances = new double[K];
    for (int c = 0; c < K; c++) {
      mean[c] = 0.1 * c;
      variances[c] = 0.2 + c;
    }
    return Gaussian.ofVariances(mean, variances);
  }
}
