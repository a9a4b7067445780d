package org.embedllm.app.web.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.embedllm.correctness.AnswerCounts;
import org.junit.jupiter.api.Test;

class SkillsTest {
  private static final double[] ABILITY = {-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2};

  @Test
  void accuracies_ofModelsThatAnsweredTheEasyBenchmarkAlone_areNotHigher() {
    // Ten easy and ten hard questions; the second model answered the easy ones, the fourth nothing.
    AnswerCounts counts =
        AnswerCounts.of(
            List.of("a", "b", "c", "d"),
            List.of("easy", "hard"),
            new int[] {20, 10, 10},
            new int[] {20, 10, 10, 10, 10, 0, 20, 10, 10, 0, 0, 0},
            new int[] {12, 8, 4, 8, 8, 0, 10, 8, 2, 0, 0, 0});
    double[] accuracies = Skills.accuracies(counts);
    assertThat(accuracies[0]).isCloseTo(0.6, within(1e-12));
    assertThat(accuracies[1]).isCloseTo(0.55, within(1e-12));
    assertThat(accuracies[2]).isCloseTo(0.5, within(1e-12));
    assertThat(accuracies[3]).isNaN();
  }

  @Test
  void residuals_ofACurveOfAbility_areNothing() {
    double[] curve = new double[ABILITY.length];
    for (int i = 0; i < curve.length; i++) {
      curve[i] = 3 - 2 * ABILITY[i] + 0.5 * ABILITY[i] * ABILITY[i];
    }
    assertThat(Skills.residuals(curve, ABILITY)).containsOnly(new double[9], within(1e-12));
  }

  @Test
  void residuals_ofAnotherSkill_keepIt_andLeaveWhatIsNotKnown() {
    double[] values = ABILITY.clone();
    values[3] += 1;
    values[8] = Double.NaN;
    double[] left = Skills.residuals(values, ABILITY);
    assertThat(left[3]).isGreaterThan(0.6);
    assertThat(left[8]).isNaN();
    double sum = 0;
    double along = 0;
    for (int i = 0; i < 8; i++) {
      sum += left[i];
      along += left[i] * ABILITY[i];
    }
    assertThat(sum).isCloseTo(0, within(1e-12));
    assertThat(along).isCloseTo(0, within(1e-12));
  }

  @Test
  void correlation_looksAtWhatIsKnownOfBoth() {
    assertThat(Skills.correlation(new double[] {1, 2, 3, 9}, new double[] {2, 4, 6, Double.NaN}))
        .isCloseTo(1, within(1e-12));
    assertThat(Skills.correlation(new double[] {1, 1}, new double[] {1, 2})).isNaN();
  }
}
