package org.embedllm.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PairedDifferenceTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 20})
  void interval_whereBothDidAlike_isNotOfZeroWidth(int questions) {
    PairedDifference same = PairedDifference.of(new double[questions]);
    assertThat(same.value()).isZero();
    assertThat(same.interval().low()).isNegative();
    assertThat(same.interval().high()).isPositive();
    assertThat(same.breaks(0)).isFalse();
  }

  @Test
  void of_nothing_isNotKnown() {
    assertThat(PairedDifference.of(new double[] {Double.NaN}).interval())
        .isEqualTo(Interval.UNKNOWN);
    assertThat(PairedDifference.of(new double[0]).lowerBound()).isNaN();
  }

  @Test
  void lowerBound_overManyDraws_isBelowTheTruthInNineteenOfTwenty() {
    var random = new SplittableRandom(1);
    int below = 0;
    for (int draw = 0; draw < 2_000; draw++) {
      double[] differences = new double[120];
      for (int j = 0; j < differences.length; j++) {
        double u = random.nextDouble();
        differences[j] = u < 0.12 ? 1 : u < 0.2 ? -1 : 0; // 0.04 on average
      }
      below += PairedDifference.of(differences).lowerBound() <= 0.04 ? 1 : 0;
    }
    // 95 % with a standard error of half a point.
    assertThat(below / 2_000.0).isCloseTo(0.95, within(0.02));
  }
}
