package org.embedllm.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExpectedAccuracyTest {
  private static List<Forecast> forecasts(int n, double halfWidth, Random random) {
    List<Forecast> forecasts = new ArrayList<>();
    for (int j = 0; j < n; j++) {
      double p = random.nextDouble();
      forecasts.add(
          new Forecast(
              List.of(new Forecast.ModelForecast("m", p, p - halfWidth, p + halfWidth)), false));
    }
    return forecasts;
  }

  @Test
  void interval_ofKnownProbabilities_holdsTheAccuracyAtItsRate() {
    Random random = new Random(1);
    List<Forecast> forecasts = forecasts(60, 0, random);
    ExpectedAccuracy expected = ExpectedAccuracy.of(forecasts).getFirst();
    int held = 0;
    for (int draw = 0; draw < 4_000; draw++) {
      double right = 0;
      for (Forecast forecast : forecasts) {
        right += random.nextDouble() < forecast.models().getFirst().probability() ? 1 : 0;
      }
      held += expected.interval().contains(right / 60) ? 1 : 0;
    }
    assertThat(held / 4_000.0).isCloseTo(0.95, within(0.02));
  }

  @Test
  void interval_ofUncertainProbabilities_doesNotVanishWithMoreQuestions() {
    ExpectedAccuracy expected =
        ExpectedAccuracy.of(forecasts(20_000, 0.1, new Random(2))).getFirst();
    assertThat(expected.interval().high() - expected.accuracy()).isCloseTo(0.1, within(0.001));
  }
}
