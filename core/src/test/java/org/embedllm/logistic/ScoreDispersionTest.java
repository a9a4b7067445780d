package org.embedllm.logistic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ScoreDispersionTest {
  private static final int CELLS = 40_000;

  @Test
  void weight_ofALabel_isOneHoweverManyAnswers() {
    assertThat(ScoreDispersion.LABELS.weight(1)).isEqualTo(1);
    assertThat(ScoreDispersion.LABELS.weight(5)).isEqualTo(1);
  }

  @Test
  void weight_ofMoreAnswers_growsUpToWhatIsBetween() {
    var dispersion = new ScoreDispersion(0.25, 0.75);
    assertThat(dispersion.weight(1)).isCloseTo(1, within(1e-12));
    assertThat(dispersion.weight(3)).isCloseTo(2, within(1e-12));
    assertThat(dispersion.weight(1e9)).isCloseTo(4, within(1e-6));
  }

  @Test
  void weight_ofAnExactFit_isAtMostTheNumberOfAnswers() {
    var dispersion = new ScoreDispersion(0.02, 0);
    assertThat(dispersion.weight(1)).isEqualTo(1);
    assertThat(dispersion.weight(4)).isEqualTo(4);
  }

  /// Squares with the mean between + within / n, n from 1 to 5.
  private static ScoreDispersion estimated(double between, double within) {
    var random = new SplittableRandom(5);
    double[] repeats = new double[CELLS];
    double[] squares = new double[CELLS];
    for (int c = 0; c < CELLS; c++) {
      repeats[c] = 1 + c % 5;
      double normal = random.nextGaussian();
      squares[c] = (between + within / repeats[c]) * normal * normal;
    }
    return ScoreDispersion.estimate(squares, repeats);
  }

  @Test
  void estimate_ofPlantedParts_findsThem() {
    ScoreDispersion found = estimated(0.3, 0.4);
    assertThat(found.between()).isCloseTo(0.3, within(0.02));
    assertThat(found.within()).isCloseTo(0.4, within(0.03));
  }

  /// A beta-binomial of strength s has between = 1 / (s + 1) and within = s / (s + 1).
  @Test
  void share_isThatOfTheMeanOfTheBetaPosterior() {
    double strength = 3;
    var dispersion = new ScoreDispersion(1 / (strength + 1), strength / (strength + 1));
    double p = 0.4;
    for (int n = 0; n <= 5; n++) {
      for (int right = 0; right <= n; right++) {
        double posterior = (strength * p + right) / (strength + n);
        double mean = n == 0 ? 0 : right / (double) n;
        assertThat(p + dispersion.share(n) * (mean - p)).isCloseTo(posterior, within(1e-12));
      }
    }
  }

  @Test
  void repeats_areToldFromLabelsAndFromEqualNumbers() {
    assertThat(new ScoreDispersion(0.3, 0.4).isOfRepeats()).isTrue();
    assertThat(new ScoreDispersion(0.3, 0).isOfRepeats()).isFalse();
    assertThat(ScoreDispersion.LABELS.isOfRepeats()).isFalse();
  }

  @Test
  void estimate_ofIndependentRepeats_hasNothingBetween() {
    ScoreDispersion found = estimated(0, 1);
    assertThat(found.between()).isLessThan(0.05);
    assertThat(found.weight(4) / found.weight(1)).isCloseTo(4, within(0.5));
  }

  @Test
  void estimate_withEqualRepeats_takesAllForBetween() {
    double[] squares = new double[100];
    double[] repeats = new double[100];
    Arrays.fill(squares, 0.5);
    Arrays.fill(repeats, 3);
    ScoreDispersion found = ScoreDispersion.estimate(squares, repeats);
    assertThat(found.between()).isCloseTo(0.5, within(1e-12));
    assertThat(found.within()).isZero();
    assertThat(found.weight(3)).isCloseTo(2, within(1e-12));
  }

  @Test
  void dispersion_ofNothing_isRefused() {
    assertThatThrownBy(() -> new ScoreDispersion(0, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
