package org.embedllm.gateway.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.embedllm.forecast.Forecast.ModelForecast;
import org.embedllm.gateway.config.RolloutConfig;
import org.embedllm.gateway.config.RolloutConfig.Guards;
import org.embedllm.gateway.config.RolloutConfig.Mode;
import org.embedllm.gateway.openai.Turn;
import org.embedllm.gateway.rollout.Assignment.Arm;
import org.embedllm.offpolicy.Exploration;
import org.junit.jupiter.api.Test;

class RolloutTest {
  private static final List<ModelForecast> FORECASTS =
      List.of(
          new ModelForecast("a", 0.8, 0.7, 0.9),
          new ModelForecast("b", 0.78, 0.6, 0.9),
          new ModelForecast("c", 0.3, 0.2, 0.4));
  private static final Exploration EXPLORE = new Exploration(0.2, Exploration.Rule.UNIFORM, 0.1);
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-01-02T12:00:00Z"), ZoneOffset.UTC);

  private final RolloutState state = new RolloutState(CLOCK);
  private final SplittableRandom random = new SplittableRandom(11);

  private Rollout rollout(Mode mode, double share, Exploration exploration) {
    return new Rollout(
        new RolloutConfig(
            mode, share, Optional.of("c"), exploration, Set.of("quiet"), Guards.DEFAULT),
        Optional.empty(),
        state,
        random::nextDouble);
  }

  private static Rollout.Asked asked(String text) {
    return asked("", text, false);
  }

  private static Rollout.Asked asked(String client, String text, boolean underWay) {
    return new Rollout.Asked(
        client, Optional.empty(), List.of(new Turn("user", text, 0)), underWay);
  }

  private static Map<String, Double> shares(Rollout rollout, int count) {
    Map<String, Double> shares = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      shares.merge(
          rollout.choose(FORECASTS, "a", asked("question " + i)).model(), 1.0 / count, Double::sum);
    }
    return shares;
  }

  @Test
  void choice_isMadeAsOftenAsItsProbabilitySays() {
    for (Rollout rollout :
        List.of(
            rollout(Mode.ON, 1, EXPLORE),
            rollout(Mode.CANARY, 0.3, EXPLORE),
            rollout(Mode.CANARY, 0.3, Exploration.OFF))) {
      Map<String, Double> said = rollout.choose(FORECASTS, "a", asked("anything")).propensities();
      assertThat(said.values().stream().mapToDouble(p -> p).sum()).isCloseTo(1, within(1e-12));
      Map<String, Double> seen = shares(rollout, 20_000);
      assertThat(seen.keySet()).isEqualTo(said.keySet());
      said.forEach((model, p) -> assertThat(seen.get(model)).isCloseTo(p, within(0.012)));
    }
  }

  @Test
  void dryRun_asksTheDefaultModelAlone() {
    Rollout.Chosen chosen = rollout(Mode.DRY_RUN, 1, EXPLORE).choose(FORECASTS, "a", asked("x"));
    assertThat(chosen.model()).isEqualTo("c");
    assertThat(chosen.arm()).isEqualTo(Arm.DEFAULT);
    assertThat(chosen.propensities()).isEqualTo(Map.of("c", 1.0));
    assertThat(state.expectedLossToday()).isZero();
  }

  @Test
  void canary_staysWithAConversation() {
    Rollout rollout = rollout(Mode.CANARY, 0.5, Exploration.OFF);
    for (int i = 0; i < 50; i++) {
      Turn first = new Turn("user", "question " + i, 0);
      Rollout.Chosen begun =
          rollout.choose(
              FORECASTS, "a", new Rollout.Asked("", Optional.empty(), List.of(first), false));
      Rollout.Chosen later =
          rollout.choose(
              FORECASTS,
              "a",
              new Rollout.Asked(
                  "",
                  Optional.empty(),
                  List.of(first, new Turn("assistant", "yes", 0), new Turn("user", "why?", 0)),
                  true));
      assertThat(later.arm()).isEqualTo(begun.arm());
    }
  }

  @Test
  void exploration_isForNewConversationsOfWillingKeys() {
    Rollout rollout = rollout(Mode.ON, 1, EXPLORE);
    assertThat(rollout.choose(FORECASTS, "a", asked("", "x", true)).propensities())
        .isEqualTo(Map.of("a", 1.0));
    assertThat(rollout.choose(FORECASTS, "a", asked("quiet", "x", false)).propensities())
        .isEqualTo(Map.of("a", 1.0));
    assertThat(rollout.choose(FORECASTS, "a", asked("other", "x", false)).propensities())
        .containsOnlyKeys("a", "b");
    assertThat(state.expectedLossToday()).isCloseTo(0.1 * 0.02, within(1e-12));
  }

  @Test
  void guard_thatBreaks_stepsBackToTheDefaultModel() {
    Rollout rollout = rollout(Mode.CANARY, 0.5, Exploration.OFF);
    Guards guards = new Guards(0.05, 0.1, 2, 50);
    for (int i = 0; i < 60; i++) {
      state.completed("r" + i, Arm.ROUTER, i % 5 == 0, 0.001, 100, guards);
      state.completed("d" + i, Arm.DEFAULT, false, 0.001, 100, guards);
    }
    assertThat(state.broken().orElseThrow()).contains("requests failed");
    assertThat(shares(rollout, 100)).containsOnlyKeys("c");
  }

  @Test
  void guards_ofQualityAndSpend_compareTheArms() {
    Guards guards = new Guards(1, 0.1, 2, 50);
    RolloutState quality = new RolloutState(CLOCK);
    RolloutState spend = new RolloutState(CLOCK);
    for (int i = 0; i < 60; i++) {
      quality.completed("r" + i, Arm.ROUTER, false, 0.001, 100, guards);
      quality.completed("d" + i, Arm.DEFAULT, false, 0.001, 100, guards);
      quality.scored("r" + i, 0.5, guards);
      quality.scored("d" + i, 0.9, guards);
      spend.completed("r" + i, Arm.ROUTER, false, 0.003, 100, guards);
      spend.completed("d" + i, Arm.DEFAULT, false, 0.001, 100, guards);
    }
    assertThat(quality.broken().orElseThrow()).contains("feedback is 0.50");
    assertThat(spend.broken().orElseThrow()).contains("costs $0.003");
    assertThat(quality.summary(Arm.ROUTER).quality()).isEqualTo(0.5);
  }

  /// What the guards make of canaries of as many requests as there are seeds.
  private static long steppedBack(double router, double other, int requests) {
    Guards guards = new Guards(0.05, 0.1, Double.POSITIVE_INFINITY, 50);
    long broken = 0;
    for (int seed = 0; seed < 200; seed++) {
      RolloutState canary = new RolloutState(CLOCK);
      SplittableRandom luck = new SplittableRandom(seed);
      for (int i = 0; i < requests && !canary.steppedBack(); i++) {
        Arm arm = luck.nextDouble() < 0.3 ? Arm.ROUTER : Arm.DEFAULT;
        double share = arm == Arm.ROUTER ? router : other;
        canary.completed("d" + i, arm, luck.nextDouble() < 0.02, 0.001, 100, guards);
        canary.scored("d" + i, luck.nextDouble() < share ? 1 : 0, guards);
      }
      broken += canary.steppedBack() ? 1 : 0;
    }
    return broken;
  }

  @Test
  void guards_ofARouterThatIsAsGood_rarelyBreakByChance() {
    assertThat(steppedBack(0.7, 0.7, 2_000)).isLessThanOrEqualTo(4);
  }

  @Test
  void guards_ofARouterThatIsMuchWorse_break() {
    assertThat(steppedBack(0.4, 0.7, 1_000)).isGreaterThanOrEqualTo(195);
  }
}
