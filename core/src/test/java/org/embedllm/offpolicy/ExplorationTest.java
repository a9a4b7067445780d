package org.embedllm.offpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.embedllm.forecast.Forecast.ModelForecast;
import org.junit.jupiter.api.Test;

class ExplorationTest {
  private static final List<ModelForecast> FORECASTS =
      List.of(
          new ModelForecast("a", 0.80, 0.70, 0.87),
          new ModelForecast("b", 0.78, 0.55, 0.91),
          new ModelForecast("c", 0.76, Double.NaN, Double.NaN),
          new ModelForecast("d", 0.40, 0.30, 0.50));

  @Test
  void uniform_givesEachGoodModelTheSameShare() {
    Map<String, Double> found =
        new Exploration(0.3, Exploration.Rule.UNIFORM, 0.05).probabilities(FORECASTS, "a");
    assertThat(found).containsOnlyKeys("a", "b", "c");
    assertThat(found.get("a")).isCloseTo(0.8, within(1e-12));
    assertThat(found.get("b")).isCloseTo(0.1, within(1e-12));
  }

  /// Against draws of the logits themselves.
  @Test
  void thompson_isTheProbabilityToBeTheBest() {
    Map<String, Double> found =
        new Exploration(0.5, Exploration.Rule.THOMPSON, 0.05).probabilities(FORECASTS, "a");
    SplittableRandom random = new SplittableRandom(5);
    Map<String, Double> drawn = new TreeMap<>();
    int draws = 200_000;
    for (int i = 0; i < draws; i++) {
      String best = "";
      double most = Double.NEGATIVE_INFINITY;
      for (ModelForecast f : FORECASTS.subList(0, 3)) {
        double width = logit(f.high()) - logit(f.low());
        double deviation = Double.isNaN(width) ? 0.05 : width / (2 * 1.959963984540054);
        double z = logit(f.probability()) + deviation * random.nextGaussian();
        if (z > most) {
          most = z;
          best = f.model();
        }
      }
      drawn.merge(best, 0.5 / draws, Double::sum);
    }
    drawn.merge("a", 0.5, Double::sum);
    assertThat(found).containsOnlyKeys("a", "b", "c");
    found.forEach((model, p) -> assertThat(p).isCloseTo(drawn.get(model), within(0.005)));
    assertThat(found.values().stream().mapToDouble(p -> p).sum()).isCloseTo(1, within(1e-12));
  }

  @Test
  void exploration_thatIsOff_orHasNothingToTry_choosesThePolicysModel() {
    assertThat(Exploration.OFF.probabilities(FORECASTS, "a")).isEqualTo(Map.of("a", 1.0));
    assertThat(new Exploration(0.5, Exploration.Rule.UNIFORM, 0.01).probabilities(FORECASTS, "a"))
        .isEqualTo(Map.of("a", 1.0));
  }

  @Test
  void draw_followsTheProbabilities() {
    Map<String, Double> probabilities = Map.of("a", 0.7, "b", 0.3);
    Map<String, Double> ordered = new TreeMap<>(probabilities);
    assertThat(Exploration.draw(ordered, 0.69)).isEqualTo("a");
    assertThat(Exploration.draw(ordered, 0.71)).isEqualTo("b");
    assertThat(Exploration.draw(ordered, 0.9999999)).isEqualTo("b");
  }

  @Test
  void expectedLoss_isTheMeanGapToTheOwnChoice() {
    Map<String, Double> probabilities = Map.of("a", 0.8, "b", 0.1, "c", 0.1);
    assertThat(Exploration.expectedLoss(FORECASTS, "a", probabilities))
        .isCloseTo(0.1 * 0.02 + 0.1 * 0.04, within(1e-12));
  }

  private static double logit(double p) {
    return Math.log(p / (1 - p));
  }
}
