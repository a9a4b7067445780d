package org.embedllm.app.gateway.api;

import java.util.Optional;
import org.embedllm.app.gateway.access.Caller;
import org.embedllm.app.gateway.decide.Decider.Asker;
import org.embedllm.app.gateway.decide.ModelChoice;
import org.embedllm.app.gateway.openai.ApiException;
import org.embedllm.app.gateway.openai.Json;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `GET /v1/models`: upstream models, the virtual ones, and the encoder.
final class ModelsEndpoint {
  private ModelsEndpoint() {}

  /// What the caller may name.
  static ObjectNode list(Live live, Caller caller, long created) {
    Asker asker = Asker.of(caller);
    ObjectNode root = Json.mapper().createObjectNode();
    root.put("object", "list");
    ArrayNode data = root.putArray("data");
    for (String name : ModelChoice.VIRTUAL) {
      if (asker.mayLetChoose(name, live.pool().models())) {
        put(data.addObject(), name, "embedllm", created);
      }
    }
    for (String name : live.pool().models()) {
      if (asker.mayUse(name)) {
        put(data.addObject(), name, owner(live, name), created);
      }
    }
    put(data.addObject(), live.brain().encoder().name(), "embedllm", created);
    return root;
  }

  static ObjectNode one(Live live, String name, long created) {
    boolean known =
        live.pool().models().contains(name) || live.brain().encoder().name().equals(name);
    boolean virtual =
        ModelChoice.of(Optional.of(name), live.config().policy()) instanceof ModelChoice.Chosen;
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

  private static String owner(Live live, String model) {
    return live.pool().of(model).stream()
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
