package org.embedllm.correctness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MeanScoreTest {
  private static double mean(double[] scores) {
    return Arrays.stream(scores).average().orElseThrow();
  }

  private static double variance(double[] scores) {
    double mean = mean(scores);
    return Arrays.stream(scores).map(x -> (x - mean) * (x - mean)).sum() / (scores.length - 1);
  }

  private static MeanScore of(double[] scores) {
    MeanScore all = new MeanScore();
    Arrays.stream(scores).forEach(score -> all.add(score, 1, Double.NaN));
    return all;
  }

  @Test
  void means_mergedInAnyParts_haveTheVarianceOfAllAnswers() {
    var random = new SplittableRandom(1);
    for (int trial = 0; trial < 200; trial++) {
      double[] scores = random.doubles(2 + random.nextInt(8)).toArray();
      MeanScore merged = new MeanScore();
      for (int from = 0; from < scores.length; ) {
        int to = from + 1 + random.nextInt(scores.length - from);
        MeanScore part = of(Arrays.copyOfRange(scores, from, to));
        merged.add(part.mean(), part.repeats(), part.variance());
        from = to;
      }
      assertThat(merged.repeats()).isEqualTo(scores.length);
      assertThat(merged.mean()).isCloseTo(mean(scores), within(1e-12));
      assertThat(merged.variance()).isCloseTo(variance(scores), within(1e-12));
    }
  }

  @Test
  void variance_ofOneAnswerOrOfPartsThatDoNotSay_isNotKnown() {
    assertThat(of(new double[] {0.3}).variance()).isNaN();
    assertThat(new MeanScore().mean()).isNaN();
    MeanScore some = of(new double[] {0, 1});
    some.add(0.5, 3, Double.NaN);
    assertThat(some.variance()).isNaN();
    assertThat(some.mean()).isEqualTo(0.5);
    MeanScore alone = new MeanScore();
    alone.add(0.5, 3, 0.1);
    assertThat(alone.variance()).isEqualTo(0.1);
  }

  @Test
  void variance_ofFractionsOfAnswers_isWithinWhatScoresCanHave() {
    MeanScore few = new MeanScore();
    few.add(0, 0.5, Double.NaN);
    few.add(1, 0.7, Double.NaN);
    assertThat(few.variance()).isNaN();
    few.add(0, 0.8, Double.NaN);
    assertThat(few.variance()).isCloseTo(1.3 * 0.7 / 2, within(1e-12));
    MeanScore impossible = new MeanScore();
    impossible.add(0, 10, 0.5);
    impossible.add(1, 10, 0.5);
    assertThat(impossible.variance()).isEqualTo(MeanScore.MOST_VARIANCE);
  }
}
