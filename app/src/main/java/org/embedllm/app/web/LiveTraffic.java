package org.embedllm.app.web;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.embedllm.app.cli.Json;
import org.embedllm.app.replay.StoredDecisions;
import org.embedllm.app.replay.StoredTraffic;
import org.embedllm.app.replay.TrafficSummary;
import org.embedllm.gateway.api.GatewaySnapshot;
import org.embedllm.gateway.api.GatewayView;
import org.embedllm.gateway.config.RolloutConfig;
import org.embedllm.gateway.config.ShadowConfig;
import org.embedllm.gateway.pacing.BudgetPacing;
import org.embedllm.gateway.rollout.ArmComparison;
import org.embedllm.gateway.rollout.Assignment.Arm;
import org.embedllm.gateway.rollout.RolloutState;
import org.embedllm.gateway.store.DecisionLog;
import org.embedllm.gateway.store.DecisionStore.StoreUnavailable;
import org.embedllm.routing.RoutingPolicies;
import org.jspecify.annotations.Nullable;

/// What a gateway's latest traffic says of models and policies: the numbers of `report`, for the
/// page. They are kept for some seconds, however many pages ask. Safe for several threads.
final class LiveTraffic {
  private static final int MOST = 10_000; // decisions
  private static final Duration KEPT = Duration.ofSeconds(5);

  private final GatewayView gateway;
  private Map<String, @Nullable Object> numbers = Map.of();
  private long until = System.nanoTime();

  LiveTraffic(GatewayView gateway) {
    this.gateway = gateway;
  }

  /// `{traffic: as [TrafficSummary] says, rollout, exploration, shadow, pacing}`.
  Map<String, @Nullable Object> document() {
    Map<String, @Nullable Object> traffic = numbers();
    return gateway.with(live ->
        new Json()
            .put("most", MOST)
            .put("traffic", traffic)
            .put("rollout", rollout(live))
            .put("exploration", exploration(live))
            .put("shadow", shadow(live))
            .put("pacing", pacing(live))
            .document());
  }

  private synchronized Map<String, @Nullable Object> numbers() {
    if (System.nanoTime() - until >= 0) {
      try {
        DecisionLog.Content content = gateway.traffic(MOST);
        numbers =
            TrafficSummary.of(StoredTraffic.of(content), StoredDecisions.of(content), policies())
                .json()
                .document();
      } catch (StoreUnavailable e) {
        throw new PageException(503, "the store does not answer", "try again later");
      }
      until = System.nanoTime() + KEPT.toNanos();
    }
    return numbers;
  }

  /// The gateway's own policy first.
  private List<String> policies() {
    Set<String> policies = new LinkedHashSet<>();
    policies.add(gateway.with(live -> RoutingPolicies.format(live.config().policy())));
    policies.addAll(TrafficSummary.POLICIES);
    return List.copyOf(policies);
  }

  private static Json rollout(GatewaySnapshot live) {
    RolloutConfig config = live.config().rollout();
    RolloutState state = live.rolloutState();
    ArmComparison found = ArmComparison.of(state.summary(Arm.ROUTER), state.summary(Arm.DEFAULT));
    return new Json()
        .put("saved", found.saved())
        .put("savedShare", found.savedShare())
        .put("difference", found.difference())
        .put("differenceLow", found.interval().low())
        .put("differenceHigh", found.interval().high())
        .put(
            "mode",
            switch (config.mode()) {
              case ON -> "on";
              case CANARY -> "canary";
              case DRY_RUN -> "dry-run";
            })
        .put("share", config.canaryShare())
        .put(
            "default",
            config
                .defaultModel()
                .or(() -> live.forecaster().bestSingle(live.upstreams().models()))
                .orElse(null))
        .put("steppedBack", state.broken().orElse(null))
        .put("minimum", config.guards().minimum())
        .put(
            "arms",
            List.of(
                arm("router", state.summary(Arm.ROUTER)),
                arm("default", state.summary(Arm.DEFAULT))));
  }

  private static Map<String, @Nullable Object> arm(String name, RolloutState.ArmSummary arm) {
    return new Json()
        .put("arm", name)
        .put("requests", arm.requests())
        .put("errorRate", arm.errorRate())
        .put("feedback", arm.feedback())
        .put("quality", arm.quality())
        .put("low", arm.interval().low())
        .put("high", arm.interval().high())
        .put("cost", arm.cost())
        .put("millis", arm.millis())
        .document();
  }

  private static Json exploration(GatewaySnapshot live) {
    return new Json()
        .put("share", live.config().rollout().exploration().share())
        .put("lossToday", live.rolloutState().expectedLossToday())
        .put("lossADay", live.rolloutState().expectedLossADay());
  }

  private Json shadow(GatewaySnapshot live) {
    ShadowConfig config = live.config().shadow();
    return new Json()
        .put("share", config.share())
        .put("budget", config.budget())
        .put("spentToday", gateway.shadowSpentToday());
  }

  private static @Nullable Json pacing(GatewaySnapshot live) {
    return live.pacing()
        .map(pacing -> {
          BudgetPacing.State state = pacing.state();
          return new Json()
              .put("budget", live.config().pacing())
              .put("spentToday", state.spent())
              .put("price", state.price());
        })
        .orElse(null);
  }
}
