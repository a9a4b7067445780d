package org.embedllm.logistic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DispersionSumsTest {
  private static final int ANSWERS = 3;

  /// Right with a probability of its own for each cell, of a beta distribution of mean ½ and
  /// strength 2, which is uniform: between 1/3, within 2/3.
  private static DispersionSums uniform(int cells, long seed) {
    var random = new SplittableRandom(seed);
    DispersionSums sums = DispersionSums.NONE;
    for (int c = 0; c < cells; c++) {
      double q = random.nextDouble();
      double right = 0;
      for (int a = 0; a < ANSWERS; a++) {
        right += random.nextDouble() < q ? 1 : 0;
      }
      double mean = right / ANSWERS;
      double variance = mean * (1 - mean) * ANSWERS / (ANSWERS - 1);
      sums = sums.plus(DispersionSums.of(0.5, mean, ANSWERS, variance));
    }
    return sums;
  }

  @Test
  void estimate_withEqualRepeats_findsThePlantedParts() {
    ScoreDispersion found = uniform(20_000, 1).estimate();
    assertThat(found.between()).isCloseTo(1 / 3.0, within(0.01));
    assertThat(found.within()).isCloseTo(2 / 3.0, within(0.01));
    assertThat(found.isOfRepeats()).isTrue();
  }

  @Test
  void estimate_ofFewCells_isBetweenTheirOwnAndThatOfAll() {
    DispersionSums all = uniform(2_000, 1);
    DispersionSums few = DispersionSums.NONE;
    for (int c = 0; c < 5; c++) {
      few = few.plus(DispersionSums.of(0.5, 0.5, 2, 0));
    }
    ScoreDispersion own = few.estimate(all, 5);
    assertThat(own.within()).isBetween(0.3, all.estimate().within());
    assertThat(DispersionSums.NONE.estimate(all, 50).within())
        .isCloseTo(all.estimate().within(), within(1e-12));
    assertThat(few.estimate(all, 1e9).between()).isCloseTo(all.estimate().between(), within(1e-6));
  }

  @Test
  void minus_takesCellsAway() {
    DispersionSums some = uniform(10, 2);
    DispersionSums rest = some.plus(uniform(30, 3)).minus(some);
    assertThat(rest.estimate().within())
        .isCloseTo(uniform(30, 3).estimate().within(), within(1e-9));
    assertThat(rest.cells()).isEqualTo(30);
  }

  @Test
  void estimate_whereAnswersNeverDiffer_hasNothingWithin() {
    DispersionSums sums = DispersionSums.of(0.5, 1, 3, 0).plus(DispersionSums.of(0.5, 0, 3, 0));
    assertThat(sums.estimate().within()).isZero();
    assertThat(sums.estimate().share(1)).isEqualTo(1);
    assertThat(DispersionSums.NONE.estimate()).isEqualTo(ScoreDispersion.LABELS);
  }
}
