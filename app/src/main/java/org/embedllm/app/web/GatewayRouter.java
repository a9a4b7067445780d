package org.embedllm.app.web;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.embedllm.app.gateway.api.GatewayView;
import org.embedllm.app.gateway.api.Live;
import org.embedllm.app.gateway.config.KeyConfig;
import org.embedllm.app.gateway.config.PolicyName;
import org.embedllm.app.gateway.decide.Decider;
import org.embedllm.app.gateway.decide.Decision;
import org.embedllm.app.gateway.decide.RoutingBrain;
import org.embedllm.app.gateway.openai.Json;
import org.embedllm.app.gateway.openai.RequestBody;
import org.embedllm.app.gateway.upstream.Upstream;
import org.embedllm.app.web.view.PlaygroundRouter;
import org.embedllm.app.web.view.Requester;
import org.embedllm.app.web.view.ShellQuoting;
import org.embedllm.forecast.Forecast;
import org.embedllm.routing.RoutingPolicy;
import tools.jackson.databind.node.ObjectNode;

/// Routes as the gateway would route a request with this prompt just now; nothing is sent to any
/// model, and nothing is remembered.
final class GatewayRouter implements PlaygroundRouter {
  private final GatewayView gateway;

  GatewayRouter(GatewayView gateway) {
    this.gateway = gateway;
  }

  @Override
  public Routed route(String prompt, RoutingPolicy policy, Requester requester) {
    return gateway.with(live -> route(live, prompt, policy, requester));
  }

  private static Routed route(Live live, String prompt, RoutingPolicy policy, Requester requester) {
    live.keys().admit(requester.caller());
    List<String> allowed =
        requester.caller().key().map(KeyConfig::models).map(List::copyOf).orElse(List.of());
    Decision decision =
        live.decider()
            .decide(
                RequestBody.parse(Json.bytes(body(prompt, policy))),
                new Decider.Asker(requester.caller().name().orElse(""), Optional.empty(), allowed));
    Forecast forecast = live.brain().forecast(decision.text());
    List<Candidate> ranking = new ArrayList<>();
    for (Decision.Ranked r : decision.ranking()) {
      boolean rests = live.pool().of(r.model()).stream().noneMatch(Upstream::available);
      ranking.add(
          new Candidate(
              r.model(),
              r.probability(),
              r.low(),
              r.high(),
              r.cost(),
              rests ? Optional.of("its upstream rests after failures") : Optional.empty()));
    }
    Set<String> left = new TreeSet<>(live.brain().models());
    decision.ranking().forEach(r -> left.remove(r.model()));
    List<ExcludedModel> excluded = new ArrayList<>();
    for (Decision.Excluded e : decision.excluded()) {
      left.remove(e.model());
      excluded.add(new ExcludedModel(e.model(), e.reason()));
    }
    left.forEach(model -> excluded.add(new ExcludedModel(model, "no upstream offers it")));
    return new Routed(
        decision.model(),
        decision.reason(),
        forecast,
        ranking,
        excluded,
        decision.text(),
        decision.encodeNanos() / 1e6,
        decision.routeNanos() / 1e6);
  }

  private static ObjectNode body(String prompt, RoutingPolicy policy) {
    ObjectNode body = Json.mapper().createObjectNode();
    body.put("model", "auto:" + PolicyName.of(policy));
    body.putArray("messages").addObject().put("role", "user").put("content", prompt);
    return body;
  }

  @Override
  public List<RoutingBrain.Neighbor> nearest(String prompt, int count) {
    return gateway.with(live -> live.brain().nearest(prompt, count));
  }

  @Override
  public String command(String prompt, RoutingPolicy policy, Requester requester) {
    String key =
        requester.caller().key().isPresent() ? " -H \"Authorization: Bearer $EMBEDLLM_KEY\"" : "";
    return "curl "
        + ShellQuoting.quoted(requester.origin() + "/v1/chat/completions")
        + key
        + " -H 'Content-Type: application/json' -d "
        + ShellQuoting.quoted(Json.mapper().writeValueAsString(body(prompt, policy)));
  }

  @Override
  public void close() {
    // The gateway owns everything.
  }
}
