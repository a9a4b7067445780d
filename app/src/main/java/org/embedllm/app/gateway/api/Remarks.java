package org.embedllm.app.gateway.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.embedllm.app.gateway.config.GatewayConfig;
import org.embedllm.app.gateway.config.KeyConfig;
import org.embedllm.app.gateway.config.Nearest;
import org.embedllm.app.gateway.config.PolicyName;
import org.embedllm.app.gateway.config.UpstreamConfig;
import org.embedllm.app.gateway.decide.RoutingBrain;
import org.embedllm.routing.RoutingPolicy;

/// What an operator should know of a configuration that is not wrong.
public final class Remarks {
  private Remarks() {}

  /// What a reader of the log should know about a configuration beside the model: upstreams that
  /// cannot be routed to, and how to change that.
  public static List<String> of(GatewayConfig config, RoutingBrain brain, String modelFile) {
    var remarks = new ArrayList<String>();
    for (UpstreamConfig upstream : config.upstreams()) {
      if (!brain.models().contains(upstream.model())) {
        remarks.add(
            ("upstream \"%s\" has no vector in %s: it answers to its name, but is never chosen.%s"
                    + " Give it one with: embedllm plan %s --budget 100, then embedllm add %s"
                    + " RESPONSES --to MODEL2")
                .formatted(
                    upstream.model(),
                    modelFile,
                    Nearest.hint(upstream.model(), brain.models()),
                    modelFile,
                    modelFile));
      }
    }
    var offered = config.upstreams().stream().map(UpstreamConfig::model).toList();
    long left = brain.models().stream().filter(m -> !offered.contains(m)).count();
    if (left > 0) {
      remarks.add(
          "%d of MODEL's %d models have no upstream".formatted(left, brain.models().size()));
    }
    unpriced(config).ifPresent(remarks::add);
    return remarks;
  }

  /// Upstreams without a price where something is decided by prices.
  private static Optional<String> unpriced(GatewayConfig config) {
    String names =
        config.upstreams().stream()
            .filter(u -> u.price().isEmpty())
            .map(u -> "\"" + u.model() + "\"")
            .distinct()
            .collect(Collectors.joining(", "));
    List<String> reasons = new ArrayList<>();
    if (!(config.policy() instanceof RoutingPolicy.Best)) {
      reasons.add("policy " + PolicyName.of(config.policy()) + " takes them for the dearest");
    }
    List<String> budgets =
        config.keys().stream().filter(k -> k.budget().isPresent()).map(KeyConfig::name).toList();
    if (!budgets.isEmpty()) {
      reasons.add("what they answer is not counted in the budget of " + String.join(", ", budgets));
    }
    return names.isEmpty() || reasons.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "no price is known of %s: %s".formatted(names, String.join(", and ", reasons)));
  }
}
