package org.embedllm.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PoolingTest {
  private static final float[] TOKENS = {1, -2, 3, 4, -5, 6, 7, 0}; // [4, 2]

  private static float[] pooled(Pooling pooling) {
    float[] into = new float[3];
    pooling.pool(TOKENS, 4, 2, into, 1);
    return new float[] {into[1], into[2]};
  }

  @Test
  void vector_ofEachPooling_isThatOfItsDefinition() {
    assertThat(pooled(Pooling.CLS)).containsExactly(1, -2);
    assertThat(pooled(Pooling.LAST)).containsExactly(7, 0);
    assertThat(pooled(Pooling.MAX)).containsExactly(7, 6);
    assertThat(pooled(Pooling.MEAN)).containsExactly(1.5f, 2);
    assertThat(pooled(Pooling.MEAN_SQRT_LENGTH)).containsExactly(3, 4);
    // (1·1 + 2·3 + 3·(−5) + 4·7) / 10 and (1·(−2) + 2·4 + 3·6 + 4·0) / 10
    assertThat(pooled(Pooling.WEIGHTED_MEAN)).containsExactly(2, 2.4f);
  }
}
