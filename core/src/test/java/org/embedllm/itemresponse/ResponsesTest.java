package org.embedllm.itemresponse;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ResponsesTest {
  @Test
  void of_outOfRangeOrTwice_areRefused() {
    assertThatThrownBy(() -> Responses.of(new int[] {1, 1}, new double[] {0, 1}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Responses.of(new int[] {1}, new double[] {2}))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
