package org.embedllm.gateway.decide;

import java.util.ArrayList;
import java.util.Optional;
import org.embedllm.gateway.config.GatewayConfig;
import org.embedllm.gateway.decide.DecisionException.Reason;
import org.embedllm.storage.DidYouMean;

/// What the names in requests mean, and who may use them: models, policies, and aliases of both.
final class ModelNames {
  private final GatewayConfig config;
  private final Upstreams upstreams;

  ModelNames(GatewayConfig config, Upstreams upstreams) {
    this.config = config;
    this.upstreams = upstreams;
  }

  /// @throws DecisionException where the name is that of a policy with an unknown setting
  ModelChoice choice(String name) {
    return ModelChoice.of(Optional.of(config.alias().getOrDefault(name, name)), config.policy());
  }

  /// Whether a request with this name reaches a model: one by its name, a policy, or an alias.
  boolean mayName(String name, RequestContext context) {
    try {
      return switch (choice(name)) {
        case ModelChoice.Named named ->
            upstreams.models().contains(named.model())
                && (context.mayUse(named.model()) || context.mayUse(name));
        case ModelChoice.Chosen _ -> context.mayLetChoose(name, upstreams.models());
      };
    } catch (DecisionException e) {
      return false;
    }
  }

  /// Requires that there is a model, and that the client may use it by this name.
  ///
  /// @param requested the name, which gives the right to its model too; no other name does
  /// @throws DecisionException where it may not
  void requireUsable(String requested, String model, RequestContext context) {
    if (!upstreams.models().contains(model)) {
      throw unknown(requested, context);
    }
    if (!context.mayUse(model) && !context.mayUse(requested)) {
      throw notAllowed(requested);
    }
  }

  /// @param requested as the client wrote it: what an alias means is not told
  static DecisionException notAllowed(String requested) {
    return new DecisionException(Reason.NOT_ALLOWED, "this key may not use " + requested);
  }

  /// What may be meant is among what the client may name.
  private DecisionException unknown(String model, RequestContext context) {
    var known = new ArrayList<>(upstreams.models());
    known.addAll(ModelChoice.VIRTUAL);
    known.addAll(config.alias().keySet());
    known.removeIf(name -> !mayName(name, context));
    String message =
        "there is no model \"%s\" here.%s GET /v1/models lists all"
            .formatted(model, DidYouMean.hint(model, known));
    return new DecisionException(Reason.UNKNOWN_MODEL, message);
  }
}
