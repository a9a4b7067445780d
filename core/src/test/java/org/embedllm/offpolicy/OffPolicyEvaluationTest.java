package org.embedllm.offpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.embedllm.routing.RoutingPolicy;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class OffPolicyEvaluationTest {
  private static final RoutingPolicy LOGGING = new RoutingPolicy.Cheapest(0.7);
  private static final List<RoutingPolicy> POLICIES =
      List.of(
          new RoutingPolicy.Best(),
          new RoutingPolicy.Cheapest(0.8),
          new RoutingPolicy.Cheapest(0.6),
          new RoutingPolicy.Dial(0.5));

  private record Coverage(
      Map<OffPolicyMethod, Double> covered, Map<OffPolicyMethod, Double> width) {}

  private static Coverage coverage(
      Exploration exploration, RoutingPolicy policy, int runs, int decisions) {
    double truth = SimulatedLog.truth(policy);
    SimulatedLog traffic = new SimulatedLog(exploration, LOGGING);
    Map<OffPolicyMethod, Double> covered = new EnumMap<>(OffPolicyMethod.class);
    Map<OffPolicyMethod, Double> width = new EnumMap<>(OffPolicyMethod.class);
    SplittableRandom root = new SplittableRandom(7);
    for (int run = 0; run < runs; run++) {
      var evaluation = new OffPolicyEvaluation(traffic.draw(decisions, root.split()));
      for (OffPolicyMethod method : OffPolicyMethod.values()) {
        OffPolicyEstimate estimate = evaluation.estimate(SimulatedLog.choosing(policy), method);
        assertThat(estimate.refusal()).isEmpty();
        covered.merge(method, estimate.interval().contains(truth) ? 1.0 / runs : 0, Double::sum);
        width.merge(
            method, (estimate.interval().high() - estimate.interval().low()) / runs, Double::sum);
      }
    }
    return new Coverage(covered, width);
  }

  @Test
  void intervals_ofEachMethod_holdTheTruthAsOftenAsTheySay() {
    Coverage found =
        coverage(
            new Exploration(0.2, Exploration.Rule.UNIFORM, 1), new RoutingPolicy.Best(), 100, 800);
    // 100 runs: a share of 95 % is seen within 89 and 100 %.
    assertThat(found.covered().values()).allSatisfy(c -> assertThat(c).isBetween(0.89, 1.0));
    assertThat(found.width().get(OffPolicyMethod.DOUBLY_ROBUST))
        .isLessThan(found.width().get(OffPolicyMethod.IPS));
  }

  @Test
  @Tag("slow")
  void intervals_ofEachMethodAndPolicy_in500Runs_holdTheTruth() {
    Exploration uniform = new Exploration(0.2, Exploration.Rule.UNIFORM, 1);
    for (RoutingPolicy policy : POLICIES) {
      requireCoverage(uniform, policy);
    }
    // Thompson sampling tries good models alone: a policy of worse ones has no overlap with it.
    Exploration thompson = new Exploration(0.3, Exploration.Rule.THOMPSON, 1);
    requireCoverage(thompson, new RoutingPolicy.Best());
    requireCoverage(thompson, new RoutingPolicy.Cheapest(0.8));
  }

  private static void requireCoverage(Exploration exploration, RoutingPolicy policy) {
    Coverage found = coverage(exploration, policy, 500, 2000);
    assertThat(found.covered().values())
        .as("%s, %s: %s", exploration, policy, found)
        .allSatisfy(c -> assertThat(c).isBetween(0.92, 0.98));
    assertThat(found.width().get(OffPolicyMethod.DOUBLY_ROBUST))
        .as("%s, %s", exploration, policy)
        .isLessThan(found.width().get(OffPolicyMethod.IPS));
  }

  @Test
  void estimate_ofTheLoggingPolicy_isNearWhatWasLogged() {
    List<LoggedDecision> log =
        new SimulatedLog(new Exploration(0.1, Exploration.Rule.UNIFORM, 1), LOGGING)
            .draw(1000, new SplittableRandom(3));
    OffPolicyEvaluation evaluation = new OffPolicyEvaluation(log);
    OffPolicyEstimate estimate =
        evaluation.estimate(SimulatedLog.choosing(LOGGING), OffPolicyMethod.DOUBLY_ROBUST);
    assertThat(estimate.differenceInterval().contains(0)).isTrue();
    assertThat(estimate.effectiveSamples()).isBetween(800.0, 1000.0);
    assertThat(estimate.cost()).isLessThan(evaluation.logged().cost() * 1.2);
  }

  @Test
  void estimate_ofChoicesBesideTheClients_isComparedWithWhatClientsGot() {
    List<LoggedDecision> beside =
        new SimulatedLog(new Exploration(0.4, Exploration.Rule.UNIFORM, 1), LOGGING)
            .draw(1000, new SplittableRandom(3)).stream()
                .map(d ->
                    new LoggedDecision(
                        d.candidates(),
                        d.chosen(),
                        d.outcome(),
                        new LoggedDecision.Given(0.95, 0.5)))
                .toList();
    OffPolicyEvaluation evaluation = new OffPolicyEvaluation(beside);
    assertThat(evaluation.logged().value()).isCloseTo(0.95, within(1e-12));
    assertThat(evaluation.logged().cost()).isCloseTo(0.5, within(1e-12));
    OffPolicyEstimate estimate =
        evaluation.estimate(SimulatedLog.choosing(LOGGING), OffPolicyMethod.DOUBLY_ROBUST);
    assertThat(estimate.difference()).isCloseTo(estimate.value() - 0.95, within(1e-12));
    assertThat(estimate.differenceInterval().high()).isNegative();
  }

  @Test
  void estimate_withoutExploration_isRefused() {
    List<LoggedDecision> log =
        new SimulatedLog(Exploration.OFF, LOGGING).draw(500, new SplittableRandom(3));
    OffPolicyEstimate estimate =
        new OffPolicyEvaluation(log)
            .estimate(SimulatedLog.choosing(new RoutingPolicy.Best()), OffPolicyMethod.IPS);
    assertThat(estimate.value()).isNaN();
    assertThat(estimate.refusal().orElseThrow()).contains("no overlap");
  }

  @Test
  void estimate_fromFewDecisions_isRefused() {
    SimulatedLog traffic =
        new SimulatedLog(new Exploration(0.1, Exploration.Rule.UNIFORM, 1), LOGGING);
    var few = new OffPolicyEvaluation(traffic.draw(30, new SplittableRandom(3)));
    assertThat(
            few.estimate(SimulatedLog.choosing(LOGGING), OffPolicyMethod.IPS)
                .refusal()
                .orElseThrow())
        .contains("only 30 decisions");
    var rare =
        new OffPolicyEvaluation(
            new SimulatedLog(new Exploration(0.001, Exploration.Rule.UNIFORM, 1), LOGGING)
                .draw(300, new SplittableRandom(3)));
    LoggedDecision.Policy other = decision -> SimulatedLog.MODELS.indexOf("coder");
    assertThat(rare.estimate(other, OffPolicyMethod.IPS).refusal().orElseThrow())
        .contains("too rarely");
  }

  @Test
  void estimate_whereAFewChoicesAreUnknown_hasAWiderInterval() {
    List<LoggedDecision> log =
        new SimulatedLog(new Exploration(0.2, Exploration.Rule.UNIFORM, 1), LOGGING)
            .draw(1000, new SplittableRandom(3));
    LoggedDecision.Policy whole = SimulatedLog.choosing(LOGGING);
    List<LoggedDecision> some = new ArrayList<>(log);
    java.util.Set<LoggedDecision> unknown =
        java.util.Collections.newSetFromMap(new java.util.IdentityHashMap<>());
    for (int i = 0; i < some.size(); i += 20) {
      unknown.add(some.get(i));
    }
    OffPolicyEvaluation evaluation = new OffPolicyEvaluation(some);
    OffPolicyEstimate known = evaluation.estimate(whole, OffPolicyMethod.DOUBLY_ROBUST);
    OffPolicyEstimate gaps =
        evaluation.estimate(
            d -> unknown.contains(d) ? -1 : whole.choose(d), OffPolicyMethod.DOUBLY_ROBUST);
    assertThat(gaps.refusal()).isEmpty();
    assertThat(gaps.interval().high() - gaps.interval().low())
        .isGreaterThan(known.interval().high() - known.interval().low() + 0.03);
    assertThat(gaps.interval().contains(known.value())).isTrue();
  }
}
