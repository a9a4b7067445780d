package org.embedllm.itemresponse;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ItemResponsesTest {
  @Test
  void of_outOfRangeOrTwice_areRefused() {
    assertThatThrownBy(() -> ItemResponses.of(new int[] {1, 1}, new double[] {0, 1}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ItemResponses.of(new int[] {1}, new double[] {2}))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
