package org.embedllm.itemresponse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.embedllm.kernel.SimulatedPool;
import org.embedllm.modelvector.ModelVectorProblem;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("training")
class AbilityTest {
  private static final int MODELS = 16;

  private final SimulatedPool pool = new SimulatedPool(MODELS, 1_000, 0, 0.8, 7);

  @Test
  void accuracy_plannedAnswers_leavingEachModelOut_tellAccuracyBetterThanTheirMeanWould() {
    double planned = 0;
    double plainMean = 0;
    int covered = 0;
    for (int model = 0; model < MODELS; model++) {
      ModelVectorProblem problem = pool.vectorProblemWithout(model);
      ItemResponses all = ItemResponses.byModel(pool.matrix).get(model);
      double truth = SimulatedResponses.mean(all);
      ItemResponses asked = SimulatedResponses.ask(problem.known(), all, 60);
      Ability.Accuracy accuracy = problem.known().ability(asked).accuracy();
      planned += Math.abs(accuracy.value() - truth) / MODELS;
      covered += accuracy.low() <= truth && truth <= accuracy.high() ? 1 : 0;
      for (int seed = 0; seed < 10; seed++) {
        plainMean +=
            Math.abs(
                    SimulatedResponses.mean(SimulatedResponses.shuffled(all, seed).first(60))
                        - truth)
                / MODELS
                / 10;
      }
    }
    assertThat(planned).isLessThan(0.75 * plainMean);
    assertThat(covered).isGreaterThanOrEqualTo(13);
  }

  /// Without an answer, an interval says no more than how far the pool's models are apart, and no
  /// less: it is two standard deviations of their accuracies to each side.
  @Test
  void accuracy_priorOfThePoolsAbilities_coversAndIsAsWideAsThePool() {
    int covered = 0;
    double half = 0;
    double squares = 0;
    for (int model = 0; model < MODELS; model++) {
      ItemParameters known = pool.vectorProblemWithout(model).known();
      double sum = 0;
      double square = 0;
      for (int other = 0; other < MODELS; other++) {
        if (other != model) {
          Ability ability = known.ability(ItemResponses.byModel(pool.matrix).get(other));
          double[] alone = new double[known.abilityDimension()];
          alone[0] = ability.alone();
          double difference = 0;
          for (int j = 0; j < known.questions().size(); j++) {
            difference += known.probability(j, alone) - ability.probability(j);
          }
          assertThat(difference / known.questions().size()).isCloseTo(0, within(1e-6));
          sum += alone[0] / (MODELS - 1);
          square += alone[0] * alone[0] / (MODELS - 1);
        }
      }
      ItemResponses all = ItemResponses.byModel(pool.matrix).get(model);
      double truth = SimulatedResponses.mean(all);
      Ability.Accuracy accuracy =
          known.ability(all.first(0), new AbilityPrior(sum, square - sum * sum)).accuracy();
      covered += accuracy.low() <= truth && truth <= accuracy.high() ? 1 : 0;
      half += (accuracy.high() - accuracy.low()) / 2 / MODELS;
      squares += (truth - accuracy.value()) * (truth - accuracy.value()) / MODELS;
    }
    assertThat(covered).isGreaterThanOrEqualTo(14);
    assertThat(half / Math.sqrt(squares)).isBetween(1.5, 3.0);
  }

  @Test
  void ability_permutedAnswers_changeNothing() {
    ModelVectorProblem problem = pool.vectorProblemWithout(3);
    ItemResponses some = ItemResponses.byModel(pool.matrix).get(3).first(200);
    for (int seed = 0; seed < 5; seed++) {
      ItemResponses permuted = SimulatedResponses.shuffled(some, seed);
      assertThat(problem.known().ability(permuted).posterior().mean())
          .isEqualTo(problem.known().ability(some).posterior().mean());
    }
  }

  @Test
  void ability_moreAnswers_neverWidenTheIntervalOnAverage() {
    ModelVectorProblem problem = pool.vectorProblemWithout(0);
    double before = Double.POSITIVE_INFINITY;
    for (int count : new int[] {0, 10, 40, 160, 640}) {
      double width = 0;
      for (int seed = 0; seed < 10; seed++) {
        ItemResponses some =
            SimulatedResponses.shuffled(ItemResponses.byModel(pool.matrix).get(0), seed)
                .first(count);
        Ability.Accuracy accuracy = problem.known().ability(some).accuracy();
        width += accuracy.high() - accuracy.low();
      }
      assertThat(width).isLessThan(before);
      before = width;
    }
  }

  @Test
  void ability_allAnswers_isTheMeanWithoutDoubt() {
    ModelVectorProblem problem = pool.vectorProblemWithout(0);
    ItemResponses all = ItemResponses.byModel(pool.matrix).get(0);
    Ability.Accuracy accuracy = problem.known().ability(all).accuracy();
    assertThat(accuracy.value()).isEqualTo(SimulatedResponses.mean(all));
    assertThat(accuracy.high() - accuracy.low()).isZero();
    assertThat(problem.known().ability(all).accuracyByBenchmark().keySet())
        .containsExactly("even", "odd");
  }
}
