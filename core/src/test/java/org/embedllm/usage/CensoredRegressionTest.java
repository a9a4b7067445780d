package org.embedllm.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CensoredRegressionTest {
  private static final int N = 4_000;
  private static final double CUT = 5.5;

  private final double[] inputs = new double[N * 2];
  private final double[] values = new double[N];
  private final boolean[] bound = new boolean[N];

  /// y = 5 + .8 x + noise of variance .25, seen up to [#CUT].
  private void cutOff() {
    var random = new SplittableRandom(1);
    for (int j = 0; j < N; j++) {
      inputs[2 * j] = 1;
      inputs[2 * j + 1] = random.nextGaussian();
      double y = 5 + 0.8 * inputs[2 * j + 1] + 0.5 * random.nextGaussian();
      bound[j] = y >= CUT;
      values[j] = Math.min(y, CUT);
    }
  }

  @Test
  void fit_ofValuesThatWereCutOff_findsWhatTheyWouldHaveBeen() {
    cutOff();
    double[] wide = {1e6, 1e6};
    var row = CensoredRegression.fit(2, inputs, values, bound, new double[2], wide, 0.25);
    assertThat(row.mean()[0]).isCloseTo(5, within(0.04));
    assertThat(row.mean()[1]).isCloseTo(0.8, within(0.04));
    assertThat(row.noise()).isCloseTo(0.25, within(0.03));

    // Taken as they are, they say less of both.
    var naive =
        CensoredRegression.fit(2, inputs, values, new boolean[N], new double[2], wide, 0.25);
    assertThat(naive.mean()[0]).isLessThan(4.9);
    assertThat(naive.mean()[1]).isLessThan(0.7);
  }

  @Test
  void fit_withoutValues_isThePrior() {
    var row =
        CensoredRegression.fit(
            2,
            new double[0],
            new double[0],
            new boolean[0],
            new double[] {3, -1},
            new double[] {2, 0.5},
            0.7);
    assertThat(row.mean()).containsExactly(new double[] {3, -1}, within(1e-12));
    assertThat(row.covariance()[0]).isCloseTo(2, within(1e-12));
    assertThat(row.covariance()[3]).isCloseTo(0.5, within(1e-12));
    assertThat(row.noise()).isCloseTo(0.7, within(1e-12));
  }

  @Test
  void cutOff_isTheLengthOfAPile_andOnlyOfAPile() {
    double[] piled = new double[1_000];
    double[] free = new double[1_000];
    double[] fixed = new double[1_000];
    var random = new SplittableRandom(2);
    for (int j = 0; j < piled.length; j++) {
      free[j] = Math.round(Math.exp(5 + random.nextGaussian()));
      piled[j] = Math.min(256, free[j]);
      fixed[j] = 40;
    }
    assertThat(CutOff.of(piled)).isEqualTo(256);
    assertThat(CutOff.of(free)).isInfinite();
    assertThat(CutOff.of(fixed)).isInfinite();
    assertThat(CutOff.of(new double[0])).isInfinite();
  }
}
