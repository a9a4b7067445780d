package org.embedllm.gateway.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.embedllm.gateway.config.GatewayConfig;
import org.embedllm.gateway.config.KeyConfig;
import org.embedllm.gateway.config.UpstreamConfig;
import org.embedllm.gateway.decide.PromptForecaster;
import org.embedllm.gateway.openai.Api;
import org.embedllm.routing.RoutingPolicies;
import org.embedllm.routing.RoutingPolicy;
import org.embedllm.storage.DidYouMean;

/// Warnings about a valid configuration.
public final class StartupWarnings {
  private StartupWarnings() {}

  /// What a reader of the log should know about a configuration beside the model: upstreams that
  /// cannot be routed to, and how to change that.
  public static List<String> of(
      GatewayConfig config, PromptForecaster forecaster, String modelFile) {
    var warnings = new ArrayList<String>(config.warnings());
    for (UpstreamConfig upstream : config.upstreams()) {
      boolean chats = upstream.api() != Api.EMBEDDINGS;
      if (chats && !forecaster.models().contains(upstream.model())) {
        warnings.add(
            ("upstream \"%s\" has no vector in %s: it answers to its name, but is never chosen.%s"
                    + " Give it one with: embedllm plan %s --budget 100, then embedllm add %s"
                    + " RESPONSES --to MODEL2")
                .formatted(
                    upstream.model(),
                    modelFile,
                    DidYouMean.hint(upstream.model(), forecaster.models()),
                    modelFile,
                    modelFile));
      }
    }
    var offered = config.upstreams().stream().map(UpstreamConfig::model).toList();
    long left = forecaster.models().stream().filter(m -> !offered.contains(m)).count();
    if (left > 0) {
      warnings.add(
          "%d of the %d models have no upstream".formatted(left, forecaster.models().size()));
    }
    unpriced(config).ifPresent(warnings::add);
    return warnings;
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
      reasons.add(
          "policy " + RoutingPolicies.format(config.policy()) + " takes them for the dearest");
    }
    List<String> budgets =
        config.keys().stream().filter(k -> k.budget().isPresent()).map(KeyConfig::name).toList();
    if (!budgets.isEmpty()) {
      reasons.add("what they answer is not counted in the budget of " + String.join(", ", budgets));
    }
    if (config.pacing() < Double.POSITIVE_INFINITY) {
      reasons.add("what they answer is not counted in the budget of pacing");
    }
    return names.isEmpty() || reasons.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "no price is known of %s: %s".formatted(names, String.join(", and ", reasons)));
  }
}
