package org.embedllm.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class IntervalTest {
  @Test
  void share_ofNineInTen_hasTheScoreIntervalOfTheTables() {
    Interval interval = Interval.ofShare(0.9, 10);
    assertThat(interval.low()).isCloseTo(0.5958, within(1e-4));
    assertThat(interval.high()).isCloseTo(0.9821, within(1e-4));
  }

  @Test
  void share_ofAllOrNothing_staysWithinZeroAndOne() {
    assertThat(Interval.ofShare(1, 3).high()).isEqualTo(1);
    assertThat(Interval.ofShare(0, 3).low()).isBetween(0.0, 1e-9);
    assertThat(Interval.ofShare(0, 3).high()).isBetween(0.5, 0.6);
  }

  @Test
  void share_ofNothing_isUnknown() {
    assertThat(Interval.ofShare(Double.NaN, 0)).isEqualTo(Interval.UNKNOWN);
  }
}
