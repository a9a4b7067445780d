package org.embedllm.gateway.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.embedllm.gateway.rollout.RolloutState.ArmSummary;
import org.junit.jupiter.api.Test;

class ArmComparisonTest {
  private static ArmSummary arm(long requests, long feedback, double quality, double cost) {
    return new ArmSummary(requests, 0, feedback, quality, cost, 100);
  }

  @Test
  void arms_ofKnownCost_sayWhatWasSaved() {
    ArmComparison found =
        ArmComparison.of(arm(200, 56, 48 / 56.0, 0.003), arm(100, 48, 30 / 48.0, 0.005));
    assertThat(found.saved()).isCloseTo(0.4, within(1e-12));
    assertThat(found.savedShare()).isCloseTo(0.4, within(1e-12));
    assertThat(found.difference()).isCloseTo(0.2321, within(1e-4));
  }

  @Test
  void interval_isThatOfNewcombesExample() {
    ArmComparison found = ArmComparison.of(arm(70, 70, 56 / 70.0, 1), arm(80, 80, 48 / 80.0, 1));
    assertThat(found.interval().low()).isCloseTo(0.0524, within(1e-4));
    assertThat(found.interval().high()).isCloseTo(0.3339, within(1e-4));
  }

  @Test
  void interval_holdsTheTruthAsOftenAsItSays() {
    SplittableRandom random = new SplittableRandom(5);
    int held = 0;
    for (int run = 0; run < 1_000; run++) {
      double router = share(random, 60, 0.8);
      double other = share(random, 90, 0.7);
      held +=
          ArmComparison.of(arm(60, 60, router, 1), arm(90, 90, other, 1)).interval().contains(0.1)
              ? 1
              : 0;
    }
    assertThat(held).isBetween(930, 970);
  }

  private static double share(SplittableRandom random, int count, double truth) {
    int right = 0;
    for (int i = 0; i < count; i++) {
      right += random.nextDouble() < truth ? 1 : 0;
    }
    return (double) right / count;
  }

  @Test
  void arms_withoutFeedbackOrCost_sayNothing() {
    ArmComparison found =
        ArmComparison.of(arm(10, 0, Double.NaN, Double.NaN), arm(10, 5, 0.5, 0.01));
    assertThat(found.saved()).isNaN();
    assertThat(found.savedShare()).isNaN();
    assertThat(found.difference()).isNaN();
    assertThat(found.interval().low()).isNaN();
  }
}
