package org.embedllm.facts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.SplittableRandom;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

class OutputMeansTest {
  private static final int E = 6;

  /// Two styles of writing, two benchmarks whose texts differ far more. The last model writes in
  /// the second style and answered the first benchmark alone.
  private static OutputMeans styles() {
    int m = 9;
    var random = new SplittableRandom(1);
    float[] overall = new float[m * E];
    float[] byBenchmark = new float[m * 2 * E];
    for (int i = 0; i < m; i++) {
      int style = i == m - 1 ? 1 : i % 2;
      int count = i == m - 1 ? 1 : 2;
      int pair = i / 2;
      double share = i == m - 1 ? 1 : 0.2 * (1 + pair); // of texts to the first benchmark
      for (int b = 0; b < count; b++) {
        for (int c = 0; c < E; c++) {
          double x = (c == b ? 5 : 0) + (c == 2 + style ? 1 : 0) + 0.05 * random.nextGaussian();
          byBenchmark[(i * 2 + b) * E + c] = (float) x;
          overall[i * E + c] += (float) (x * (b == 0 ? share : 1 - share));
        }
      }
    }
    return new OutputMeans(
        FloatMatrix.wrap(m, E, overall), FloatMatrix.wrap(m, 2 * E, byBenchmark));
  }

  @Test
  void similarity_modelOfAnotherMixOfBenchmarks_isOfItsStyleNotOfItsMix() {
    FloatMatrix alike = styles().similarity(8);
    FloatMatrix overall = OutputSimilarity.similarity(styles().overall());
    for (int i = 0; i < 8; i++) {
      assertThat(alike.get(8, i) > 0).isEqualTo(i % 2 == 1);
    }
    // All texts together compare the mix: the sixth model answered most of the first benchmark.
    assertThat(overall.get(8, 6)).isPositive().isGreaterThan(overall.get(8, 1));
  }

  @Test
  void similarity_noTextOfAKnownBenchmark_goesByAllTexts() {
    OutputMeans plain = new OutputMeans(styles().overall(), FloatMatrix.wrap(9, 0, new float[0]));
    OutputMeans more = styles().extended(10);
    assertThat(plain.similarity(8)).isEqualTo(OutputSimilarity.similarity(plain.overall()));
    assertThat(more.similarity(9)).isEqualTo(OutputSimilarity.similarity(more.overall()));
  }

  @Test
  void tensors_writtenAndRead_areTheSame() {
    assertThat(OutputMeans.of(styles().tensors())).contains(styles());
    assertThat(OutputMeans.of(Map.of())).isEmpty();
    OutputMeans both = styles().above(styles());
    assertThat(both.overall().rows()).isEqualTo(18);
    assertThat(both.byBenchmark().row(17)).isEqualTo(styles().byBenchmark().row(8));
    assertThatThrownBy(
            () -> new OutputMeans(styles().overall(), FloatMatrix.wrap(9, 5, new float[45])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("do not fit");
  }
}
