package org.embedllm.gateway.api;

import java.util.Optional;
import java.util.TreeMap;
import org.embedllm.gateway.decide.Decider.Requester;
import org.embedllm.gateway.decide.DecisionException;
import org.embedllm.gateway.decide.ModelChoice;
import org.embedllm.gateway.openai.ApiException;
import org.embedllm.gateway.openai.Json;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `GET /v1/models`: upstream models, the virtual ones, and the encoder.
final class ModelsEndpoint {
  private ModelsEndpoint() {}

  /// What the caller may name.
  static ObjectNode list(GatewayRequest request, long created) {
    GatewaySnapshot live = request.snapshot();
    Requester requester = request.requester();
    ObjectNode root = Json.mapper().createObjectNode();
    root.put("object", "list");
    ArrayNode data = root.putArray("data");
    for (String name : ModelChoice.VIRTUAL) {
      if (requester.mayLetChoose(name, live.upstreams().models())) {
        put(data.addObject(), name, "embedllm", created);
      }
    }
    for (String name : live.upstreams().models()) {
      if (requester.mayUse(name)) {
        put(data.addObject(), name, owner(live, name), created);
      }
    }
    new TreeMap<>(live.config().alias())
        .forEach((name, target) -> {
          if (requester.mayUse(name) || requester.mayUse(target)) {
            put(data.addObject(), name, "embedllm", created);
          }
        });
    put(data.addObject(), live.forecaster().encoder().name(), "embedllm", created);
    return root;
  }

  static ObjectNode one(GatewayRequest request, String name, long created) {
    GatewaySnapshot live = request.snapshot();
    Requester requester = request.requester();
    boolean known =
        (live.upstreams().models().contains(name) && requester.mayUse(name))
            || mayUseAlias(live, requester, name)
            || live.forecaster().encoder().name().equals(name);
    boolean virtual =
        isVirtual(live, name) && requester.mayLetChoose(name, live.upstreams().models());
    if (!known && !virtual) {
      throw ApiException.of(
          404,
          "invalid_request_error",
          "model_not_found",
          "there is no model \"" + name + "\" here");
    }
    return put(
        Json.mapper().createObjectNode(), name, virtual ? "embedllm" : owner(live, name), created);
  }

  private static boolean mayUseAlias(GatewaySnapshot live, Requester requester, String name) {
    return Optional.ofNullable(live.config().alias().get(name))
        .filter(target -> requester.mayUse(name) || requester.mayUse(target))
        .isPresent();
  }

  private static boolean isVirtual(GatewaySnapshot live, String name) {
    try {
      return ModelChoice.of(Optional.of(name), live.config().policy())
          instanceof ModelChoice.Chosen;
    } catch (DecisionException e) {
      return false;
    }
  }

  private static String owner(GatewaySnapshot live, String model) {
    return live.upstreams().of(model).stream()
        .map(u -> u.config().url().getHost())
        .findFirst()
        .orElse("embedllm");
  }

  private static ObjectNode put(ObjectNode entry, String name, String owner, long created) {
    return entry
        .put("id", name)
        .put("object", "model")
        .put("created", created)
        .put("owned_by", owner);
  }
}
