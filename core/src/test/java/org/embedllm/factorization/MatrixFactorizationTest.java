package org.embedllm.factorization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import org.embedllm.forecast.Forecast;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

class MatrixFactorizationTest {
  private static final int Q = 19;
  private static final int D = 7;
  private static final int R = 37;

  private final SplittableRandom random = new SplittableRandom(17);
  private final FloatMatrix questions = gaussian(300, Q);
  private final MatrixFactorization linear =
      Fixtures.model(
          gaussian(5, D), gaussian(D, Q), gaussian(1, D), gaussian(2, D), gaussian(1, 2));
  private final FeatureMap.Kernel kernel = new FeatureMap.Kernel(unitRows(R, Q), 1.5f);
  private final MatrixFactorization kernelTower =
      new MatrixFactorization(
          linear.models(),
          linear.encoder(),
          kernel,
          gaussian(5, D),
          gaussian(D, R),
          gaussian(1, D),
          gaussian(2, D),
          gaussian(1, 2));

  @Test
  void forecast_manyQuestions_equalsTheDefinition() {
    for (MatrixFactorization model : List.of(linear, kernelTower)) {
      FloatMatrix p = model.forecast(questions);
      for (int j = 0; j < questions.rows(); j += 13) {
        for (int i = 0; i < 5; i++) {
          assertThat((double) p.get(j, i))
              .isCloseTo(probability(model, i, questions.row(j)), within(2e-5));
        }
      }
    }
  }

  @Test
  void forecast_oneQuestion_hasTheBitsOfMany() {
    for (MatrixFactorization model : List.of(linear, kernelTower)) {
      FloatMatrix p = model.forecast(questions);
      for (int j = 0; j < 12; j++) {
        Forecast one = model.forecast(questions.row(j));
        for (int i = 0; i < 5; i++) {
          assertThat(one.models().get(i).probability()).isEqualTo(p.get(j, i));
        }
      }
    }
  }

  @Test
  void forecast_vectorOfAnotherDimension_isRefused() {
    assertThatThrownBy(() -> linear.forecast(gaussian(2, Q + 1)))
        .hasMessageContaining("dimension 19; got 20");
  }

  @Test
  void kernel_landmarksOfAnotherLengthOrNoReach_areRefused() {
    assertThatThrownBy(() -> new FeatureMap.Kernel(gaussian(3, Q), 1f))
        .hasMessageContaining("length 1; row 0");
    assertThatThrownBy(() -> new FeatureMap.Kernel(unitRows(3, Q), 0f))
        .hasMessageContaining("gamma must be positive");
  }

  private static double probability(MatrixFactorization model, int i, float[] question) {
    float[] features = model.features().map(question);
    double logit = model.classifierBias().get(0, 1) - model.classifierBias().get(0, 0);
    for (int k = 0; k < D; k++) {
      double v = model.projectionBias().get(0, k);
      for (int l = 0; l < features.length; l++) {
        v += (double) model.projection().get(k, l) * features[l];
      }
      logit +=
          v
              * model.modelVectors().get(i, k)
              * (model.classifier().get(1, k) - model.classifier().get(0, k));
    }
    return 1 / (1 + Math.exp(-logit));
  }

  private FloatMatrix gaussian(int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int at = 0; at < values.length; at++) {
      values[at] = (float) random.nextGaussian() * 0.5f;
    }
    return FloatMatrix.wrap(rows, columns, values);
  }

  private FloatMatrix unitRows(int rows, int columns) {
    float[] values = gaussian(rows, columns).toArray();
    for (int row = 0; row < rows; row++) {
      double square = 0;
      for (int l = 0; l < columns; l++) {
        square += values[row * columns + l] * values[row * columns + l];
      }
      for (int l = 0; l < columns; l++) {
        values[row * columns + l] /= (float) Math.sqrt(square);
      }
    }
    return FloatMatrix.wrap(rows, columns, values);
  }
}
