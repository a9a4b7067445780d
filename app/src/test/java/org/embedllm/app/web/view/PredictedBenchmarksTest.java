package org.embedllm.app.web.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PredictedBenchmarksTest {
  @Test
  void reach_ofFewModels_isTheLargestErrorOfTheOthers() {
    double[] errors = {0.01, 0.3, 0.05};
    assertThat(PredictedBenchmarks.reach(errors, 0)).isEqualTo(0.3);
    assertThat(PredictedBenchmarks.reach(errors, 1)).isEqualTo(0.05);
    assertThat(PredictedBenchmarks.reach(new double[] {0.2}, 0)).isNaN();
  }

  @Test
  void reach_ofManyModels_leavesOutTheLargestErrors() {
    double[] errors = IntStream.rangeClosed(1, 100).mapToDouble(k -> k / 100.0).toArray();
    // 99 others: rank 95 of them.
    assertThat(PredictedBenchmarks.reach(errors, 99)).isEqualTo(0.95);
    assertThat(PredictedBenchmarks.reach(errors, 0)).isEqualTo(0.96);
  }

  @Test
  void reach_ofErrorsWithALongTail_coversNineteenOfTwenty() {
    var random = new SplittableRandom(8);
    int covered = 0;
    int all = 0;
    for (int draw = 0; draw < 400; draw++) {
      double[] errors =
          random.doubles(30).map(u -> Math.pow(1 - u, -0.7) - 1).toArray(); // no finite variance
      for (int own = 0; own < errors.length; own++) {
        covered += errors[own] <= PredictedBenchmarks.reach(errors, own) ? 1 : 0;
        all++;
      }
    }
    assertThat((double) covered / all).isBetween(0.945, 0.985);
  }
}
