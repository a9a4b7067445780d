package org.embedllm.factorization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

class ModelEmbeddingsTest {
  private final SplittableRandom random = new SplittableRandom(5);
  private final MatrixFactorization model =
      Fixtures.model(
          gaussian(6, 5), gaussian(5, 7), gaussian(1, 5), gaussian(2, 5), gaussian(1, 2));
  private final FloatMatrix questions = gaussian(700, 7);

  @Test
  void canonicalDistance_isTheRootMeanSquareDifferenceOfLogits() {
    ModelEmbeddings embeddings = ModelEmbeddings.canonical(model, questions);
    for (int a = 0; a < 6; a++) {
      for (int b = 0; b < 6; b++) {
        double sum = 0;
        for (int j = 0; j < questions.rows(); j++) {
          double difference = logit(a, j) - logit(b, j);
          sum += difference * difference;
        }
        double expected = Math.sqrt(sum / questions.rows());
        assertThat(embeddings.distance("model-" + a, "model-" + b))
            .isCloseTo(expected, within(1e-4 * (1 + expected)));
      }
    }
  }

  @Test
  void nearest_listsOthersByDistance() {
    ModelEmbeddings embeddings = ModelEmbeddings.canonical(model, questions);
    var nearest = embeddings.nearest("model-2", 10);
    assertThat(nearest)
        .hasSize(5)
        .extracting(ModelEmbeddings.Neighbor::model)
        .doesNotContain("model-2");
    assertThat(nearest).isSortedAccordingTo((a, b) -> Double.compare(a.distance(), b.distance()));
    assertThat(embeddings.nearest("model-2", 2)).isEqualTo(nearest.subList(0, 2));
  }

  @Test
  void vector_unknownModel_isRefused() {
    ModelEmbeddings raw = ModelEmbeddings.raw(model);
    assertThat(raw.vector("model-3")).containsExactly(model.modelVectors().row(3));
    assertThatThrownBy(() -> raw.vector("model-9")).hasMessageContaining("model-9");
  }

  /// The logit in double precision, from the definition.
  private double logit(int i, int j) {
    MatrixFactorization f = model;
    double sum = f.classifierBias().get(0, 1) - f.classifierBias().get(0, 0);
    for (int k = 0; k < 5; k++) {
      double v = f.projectionBias().get(0, k);
      for (int l = 0; l < 7; l++) {
        v += (double) f.projection().get(k, l) * questions.get(j, l);
      }
      sum += f.modelVectors().get(i, k) * v * (f.classifier().get(1, k) - f.classifier().get(0, k));
    }
    return sum;
  }

  private FloatMatrix gaussian(int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int at = 0; at < values.length; at++) {
      values[at] = (float) random.nextGaussian();
    }
    return FloatMatrix.wrap(rows, columns, values);
  }
}
