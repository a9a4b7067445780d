package org.embedllm.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.embedllm.correctness.ObservedUsage;
import org.embedllm.correctness.UsageQuantity;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

class OnlineUsageTest {
  private static final float[] VECTOR = {1, 0.5f, -0.3f};

  /// A model whose answers have about a hundred tokens, whatever is asked.
  private static UsageModel hundred() {
    var random = new SplittableRandom(3);
    int n = 300;
    float[] vectors = new float[n * 3];
    float[] tokens = new float[n];
    int[] offsets = new int[n + 1];
    for (int j = 0; j < n; j++) {
      for (int c = 0; c < 3; c++) {
        vectors[j * 3 + c] = (float) random.nextGaussian();
      }
      tokens[j] = (float) (100 * Math.exp(0.2 * random.nextGaussian()));
      offsets[j + 1] = j + 1;
    }
    var observed =
        new UsageTrainer.Observed(
            ObservedUsage.ofCells(
                1, offsets, new int[n], Map.of(UsageQuantity.OUTPUT_TOKENS, tokens)),
            FloatMatrix.wrap(n, 3, vectors));
    return new UsageTrainer(0, 1).fit(List.of("m"), observed, observed).orElseThrow();
  }

  private static double mean(UsageModel model) {
    return model.forecast(VECTOR).of("m", UsageQuantity.OUTPUT_TOKENS).orElseThrow().mean();
  }

  @Test
  void answersThatGrewLonger_moveTheForecastThere() {
    var online = new OnlineUsage(hundred());
    assertThat(mean(online.model())).isCloseTo(102, within(8.0));
    var random = new SplittableRandom(4);
    for (int t = 0; t < 2_000; t++) {
      double tokens = 400 * Math.exp(0.2 * random.nextGaussian());
      online.observe(VECTOR, "m", UsageQuantity.OUTPUT_TOKENS, tokens, false);
    }
    assertThat(mean(online.model())).isCloseTo(408, within(40.0));
    UsageEstimate now =
        online.model().forecast(VECTOR).of("m", UsageQuantity.OUTPUT_TOKENS).orElseThrow();
    assertThat(now.low()).isLessThan(400);
    assertThat(now.high()).isGreaterThan(400);
  }

  @Test
  void answersThatWereCutOff_doNotMoveItDown() {
    var online = new OnlineUsage(hundred());
    for (int t = 0; t < 200; t++) {
      online.observe(VECTOR, "m", UsageQuantity.OUTPUT_TOKENS, 50, true);
    }
    assertThat(mean(online.model())).isGreaterThan(95);
  }

  @Test
  void unknownModelOrQuantity_changesNothing_andNonsenseIsRefused() {
    var online = new OnlineUsage(hundred());
    UsageModel before = online.model();
    online.observe(VECTOR, "nobody", UsageQuantity.OUTPUT_TOKENS, 5, false);
    online.observe(VECTOR, "m", UsageQuantity.SECONDS, 5, false);
    assertThat(online.model()).isSameAs(before);
    for (double value : Arrays.asList(-1.0, Double.NaN)) {
      assertThatThrownBy(
              () -> online.observe(VECTOR, "m", UsageQuantity.OUTPUT_TOKENS, value, false))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
