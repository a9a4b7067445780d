package org.embedllm.gateway.api;

import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerResponse;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.embedllm.gateway.openai.Json;
import org.embedllm.gateway.upstream.Upstream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `/healthz`: the process lives. `/readyz`: it can serve, and what stands in the way.
final class HealthEndpoints {
  private final Supplier<GatewaySnapshot> live;
  private final BooleanSupplier storeWorks;
  private final BooleanSupplier stopping;

  HealthEndpoints(
      Supplier<GatewaySnapshot> live, BooleanSupplier storeWorks, BooleanSupplier stopping) {
    this.live = live;
    this.storeWorks = storeWorks;
    this.stopping = stopping;
  }

  void addTo(GatewayServer server, HttpRouting.Builder routing) {
    server.open(
        routing,
        "/healthz",
        (request, response) ->
            GatewayServer.json(response, Json.mapper().createObjectNode().put("status", "ok")));
    server.open(routing, "/readyz", (request, response) -> ready(response));
  }

  private void ready(ServerResponse response) {
    ObjectNode root = Json.mapper().createObjectNode();
    boolean any = false;
    ArrayNode upstreams = root.putArray("upstreams");
    for (Upstream upstream : live.get().upstreams().all()) {
      any |= upstream.available();
      upstreams
          .addObject()
          .put("model", upstream.config().model())
          .put("available", upstream.available())
          .put("healthy", upstream.healthy())
          .put("circuit", upstream.circuit())
          .put("active", upstream.active());
    }
    boolean store = storeWorks.getAsBoolean();
    boolean ready = any && store && !stopping.getAsBoolean();
    root.put("store", store);
    root.put("stopping", stopping.getAsBoolean());
    root.put("status", ready ? "ready" : "not ready");
    response.status(ready ? 200 : 503);
    GatewayServer.json(response, root);
  }
}
