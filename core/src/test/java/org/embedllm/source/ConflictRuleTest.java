package org.embedllm.source;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ConflictRuleTest {
  @Test
  void majority_ofAsManyRightAsWrong_isUnobserved() {
    assertThat(ConflictRule.MAJORITY.settle(new float[] {1f, 0f}, 0, 2)).isNaN();
  }
}
