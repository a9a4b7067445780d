package org.embedllm.gateway.api;

import java.util.TreeMap;
import org.embedllm.gateway.decide.ModelChoice;
import org.embedllm.gateway.decide.RequestContext;
import org.embedllm.gateway.openai.ApiException;
import org.embedllm.gateway.openai.ChatJson;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `GET /v1/models`: upstream models, the virtual ones, and the encoder.
final class ModelsEndpoint {
  private ModelsEndpoint() {}

  /// What the client may name.
  static ObjectNode list(GatewayRequest request, long created) {
    GatewaySnapshot live = request.snapshot();
    RequestContext context = request.context();
    ObjectNode root = ChatJson.mapper().createObjectNode();
    root.put("object", "list");
    ArrayNode data = root.putArray("data");
    for (String name : ModelChoice.VIRTUAL) {
      if (live.decider().mayName(name, context)) {
        put(data.addObject(), name, "embedllm", created);
      }
    }
    for (String name : live.upstreams().models()) {
      if (context.mayUse(name)) {
        put(data.addObject(), name, owner(live, name), created);
      }
    }
    new TreeMap<>(live.config().alias())
        .forEach((name, _) -> {
          if (live.decider().mayName(name, context)) {
            put(data.addObject(), name, "embedllm", created);
          }
        });
    put(data.addObject(), live.forecaster().encoder().name(), "embedllm", created);
    return root;
  }

  static ObjectNode one(GatewayRequest request, String name, long created) {
    GatewaySnapshot live = request.snapshot();
    boolean encoder = live.forecaster().encoder().name().equals(name);
    if (!encoder && !live.decider().mayName(name, request.context())) {
      throw ApiException.of(
          404,
          "invalid_request_error",
          "model_not_found",
          "there is no model \"" + name + "\" here");
    }
    return put(ChatJson.mapper().createObjectNode(), name, owner(live, name), created);
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
