package org.embedllm.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.correctness.AnswerCounts;
import org.embedllm.forecast.Forecast.ModelForecast;
import org.embedllm.kernel.KernelTraining;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

class PoolRatesTest {
  /// The first model answered all of 100 questions, the second ten of them, the third none.
  private static ModelArtifact pool(Map<String, FloatMatrix> tensors) {
    ModelArtifact kernel = ArtifactSamples.kernel();
    return new ModelArtifact(
            kernel.factorization(),
            AnswerCounts.of(
                ArtifactSamples.MODELS,
                List.of(),
                new int[] {100},
                new int[] {100, 10, 0},
                new int[] {60, 9, 0}),
            kernel.provenance(),
            kernel.callCosts(),
            Optional.empty(),
            kernel.tensors(),
            kernel.notes())
        .withTensors(tensors);
  }

  @Test
  void rates_noUncertaintyKept_giveAModelWithoutAnswersTheMeanOfTheOthers() {
    List<ModelForecast> rates = pool(Map.of()).rates();
    assertThat(rates).extracting(ModelForecast::model).isEqualTo(ArtifactSamples.MODELS);
    assertThat(rates.get(0).probability()).isEqualTo(61 / 102.0);
    assertThat(rates.get(1).probability()).isEqualTo(61 / 102.0); // few answers: no better
    assertThat(rates.get(2).probability()).isEqualTo((0.6 + 0.9) / 2);
    assertThat(rates).allSatisfy(rate -> assertThat(rate.low()).isNaN());
  }

  @Test
  void rates_uncertaintyKept_giveAModelWithoutAnswersItsForecastAndInterval() {
    int d = ArtifactSamples.kernel().factorization().dimension();
    float[] inputs = new float[5 * d];
    Arrays.fill(inputs, 0.1f);
    float[] covariances = new float[3 * d * d];
    for (int c = 0; c < d; c++) {
      covariances[2 * d * d + c * d + c] = 4;
    }
    ModelArtifact pool =
        pool(
            Map.of(
                KernelTraining.INPUTS, FloatMatrix.wrap(5, d, inputs),
                KernelTraining.COVARIANCES, FloatMatrix.wrap(3, d * d, covariances)));
    double[] input = new double[d];
    double logit = pool.factorization().logitShift();
    double variance = 0;
    for (int c = 0; c < d; c++) {
      input[c] = 0.1f * pool.factorization().logitWeight(c);
      logit += input[c] * pool.factorization().modelVectors().get(2, c);
      variance += 4 * input[c] * input[c];
    }
    double p = 1 / (1 + Math.exp(-logit));
    double half = 1.959964 * p * (1 - p) * Math.sqrt(variance);
    ModelForecast unmeasured = pool.rates().get(2);
    assertThat(unmeasured.probability()).isCloseTo(p, within(1e-6));
    assertThat(unmeasured.low()).isCloseTo(Math.max(0, p - half), within(1e-5));
    assertThat(unmeasured.high()).isCloseTo(Math.min(1, p + half), within(1e-5));
    assertThat(pool.rates().getFirst().low()).isNaN();
  }
}
