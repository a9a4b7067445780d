package org.embedllm.correctness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ShrunkMeanTest {
  /// Brute force over the single answers.
  private static double leavingOut(ShrunkMean forecast, double[] scores) {
    double sum = Arrays.stream(scores).sum();
    double error = 0;
    for (double score : scores) {
      double others = (sum - score) / (scores.length - 1);
      double difference = forecast.of(others) - score;
      error += difference * difference / scores.length;
    }
    return error;
  }

  @Test
  void errorOfEach_isThatOfLeavingOutEveryAnswer() {
    var random = new SplittableRandom(2);
    for (int trial = 0; trial < 200; trial++) {
      double[] scores = random.doubles(2 + random.nextInt(6)).toArray();
      MeanScore all = new MeanScore();
      Arrays.stream(scores).forEach(score -> all.add(score, 1, Double.NaN));
      var forecast = new ShrunkMean(random.nextDouble(), random.nextDouble());
      assertThat(forecast.errorOfEach(all.mean(), all.repeats(), all.variance()))
          .isCloseTo(leavingOut(forecast, scores), within(1e-12));
    }
  }
}
