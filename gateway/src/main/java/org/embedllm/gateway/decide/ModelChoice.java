package org.embedllm.gateway.decide;

import java.util.List;
import java.util.Optional;
import org.embedllm.routing.RoutingPolicies;
import org.embedllm.routing.RoutingPolicy;

/// What a request's `model` asks for.
public sealed interface ModelChoice {
  /// Virtual models as they are listed; any number may stand behind the `@`.
  List<String> VIRTUAL =
      List.of("auto", "auto:best", "auto:cheapest@0.8", "auto:budget@0.002", "auto:dial@0.5");

  /// One model by its name.
  record Named(String model) implements ModelChoice {}

  /// Whichever the policy chooses.
  record Chosen(RoutingPolicy policy) implements ModelChoice {}

  /// @param name `auto`, `auto:POLICY`, or a model's name; empty is `auto`
  /// @param auto what `auto` means
  /// @throws DecisionException where a policy is mistyped
  static ModelChoice of(Optional<String> name, RoutingPolicy auto) {
    if (name.isEmpty() || name.get().equals("auto")) {
      return new Chosen(auto);
    }
    if (!name.get().startsWith("auto:")) {
      return new Named(name.get());
    }
    String policy = name.get().substring("auto:".length());
    return new Chosen(
        RoutingPolicies.parse(policy)
            .orElseThrow(() ->
                new DecisionException(
                    DecisionException.Reason.INVALID_POLICY,
                    "what follows \"auto:\" is no policy: " + RoutingPolicies.problem(policy))));
  }
}
