package org.embedllm.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.embedllm.correctness.CorrectnessMatrix;
import org.embedllm.correctness.Question;
import org.embedllm.tensor.FloatMatrix;
import org.junit.jupiter.api.Test;

class GroupCalibrationTest {
  private static final int EACH = 200;

  @Test
  void of_benchmarksThatAreOffByChance_meansWhatChanceGives() {
    double error = 0;
    double chance = 0;
    for (int seed = 0; seed < 20; seed++) {
      GroupCalibration calibration = drawn(12, seed, 0, Set.of());
      assertThat(calibration.groups()).isEqualTo(12);
      error += calibration.error() / 20;
      chance += calibration.errorIfPerfect() / 20;
    }
    assertThat(error).isGreaterThan(0.02).isCloseTo(chance, within(0.4 * chance));
  }

  @Test
  void of_forecastsThatAreTooHighEverywhere_isFarAboveChance() {
    GroupCalibration calibration = drawn(12, 1, 0.25, Set.of());
    assertThat(calibration.error()).isGreaterThan(1.5 * calibration.errorIfPerfect());
  }

  @Test
  void of_fewerThanTwoNewBenchmarks_isEmpty() {
    assertThat(calibration(3, 1, 0, Set.of("b0", "b1"))).isEmpty();
  }

  private static GroupCalibration drawn(int groups, long seed, double high, Set<String> trained) {
    return calibration(groups, seed, high, trained).orElseThrow();
  }

  /// Forecasts of one half; each benchmark's probability differs from it by up to .15.
  private static java.util.Optional<GroupCalibration> calibration(
      int groups, long seed, double high, Set<String> trained) {
    var random = new SplittableRandom(seed);
    List<Question> questions = new ArrayList<>();
    float[][] scores = new float[groups * EACH][1];
    float[] forecasts = new float[groups * EACH];
    for (int g = 0; g < groups; g++) {
      double off = random.nextDouble(-0.15, 0.15);
      for (int k = 0; k < EACH; k++) {
        int j = g * EACH + k;
        questions.add(new Question("q" + j, "", "b" + g));
        double p = random.nextDouble(0.3, 0.7);
        scores[j][0] = random.nextDouble() < p + off ? 1 : 0;
        forecasts[j] = (float) (p + high);
      }
    }
    CorrectnessMatrix answers = CorrectnessMatrix.ofDense(List.of("m"), questions, scores);
    return GroupCalibration.of(
        answers, FloatMatrix.wrap(groups * EACH, 1, forecasts), trained, seed);
  }
}
