package org.embedllm.gateway.api;

import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.embedllm.gateway.access.Client;
import org.embedllm.gateway.decide.RequestContext;
import org.embedllm.gateway.openai.ApiException;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.gateway.server.HttpResponses;
import org.embedllm.gateway.upstream.Upstream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `/healthz`: the process is alive. `/readyz`: it can serve, or why not.
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
            HttpResponses.json(
                request, response, ChatJson.mapper().createObjectNode().put("status", "ok")));
    server.open(routing, "/readyz", this::ready);
  }

  /// Those whose models the client may name; with keys, nobody without one sees any.
  private List<Upstream> shown(ServerRequest request) {
    try {
      Client client = live.get().keys().authenticate(GatewayServer.authorization(request));
      RequestContext context = RequestContext.of(client);
      return live.get().upstreams().all().stream()
          .filter(u -> context.mayUse(u.config().model()))
          .toList();
    } catch (ApiException e) {
      return List.of();
    }
  }

  private void ready(ServerRequest request, ServerResponse response) {
    ObjectNode root = ChatJson.mapper().createObjectNode();
    boolean any = false;
    List<Upstream> shown = shown(request);
    ArrayNode upstreams = root.putArray("upstreams");
    for (Upstream upstream : live.get().upstreams().all()) {
      any |= upstream.available();
      if (!shown.contains(upstream)) {
        continue;
      }
      upstreams
          .addObject()
          .put("model", upstream.config().model())
          .put("available", upstream.available())
          .put("healthy", upstream.healthy())
          .put("circuit", upstream.circuit())
          .put("active", upstream.active());
    }
    boolean store = storeWorks.getAsBoolean();
    boolean stops = stopping.getAsBoolean();
    boolean ready = any && !stops && (store || !live.get().config().store().required());
    root.put("store", store);
    root.put("stopping", stops);
    root.put("status", stops ? "stopping" : ready ? "ready" : "not ready");
    response.status(ready ? 200 : 503);
    HttpResponses.json(request, response, root);
  }
}
