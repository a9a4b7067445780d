package org.embedllm.app.web;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.embedllm.app.web.view.PlaygroundRouter;
import org.embedllm.app.web.view.Requester;
import org.embedllm.app.web.view.ShellQuoting;
import org.embedllm.forecast.Forecast;
import org.embedllm.gateway.access.Client;
import org.embedllm.gateway.api.GatewaySnapshot;
import org.embedllm.gateway.api.GatewayView;
import org.embedllm.gateway.decide.Decision;
import org.embedllm.gateway.decide.DecisionException;
import org.embedllm.gateway.decide.DecisionException.Reason;
import org.embedllm.gateway.decide.RequestContext;
import org.embedllm.gateway.openai.ApiException;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.gateway.openai.RequestBody;
import org.embedllm.gateway.upstream.Upstream;
import org.embedllm.routing.RoutingPolicies;
import org.embedllm.routing.RoutingPolicy;
import tools.jackson.databind.node.ObjectNode;

/// Routes as the gateway would route a request with this prompt now. Nothing is sent to any model,
/// and nothing is stored.
final class GatewayRouter implements PlaygroundRouter {
  private final GatewayView gateway;

  GatewayRouter(GatewayView gateway) {
    this.gateway = gateway;
  }

  @Override
  public Routed route(String prompt, RoutingPolicy policy, Requester requester) {
    return gateway.with(live -> route(live, prompt, policy, requester));
  }

  private static Routed route(
      GatewaySnapshot live, String prompt, RoutingPolicy policy, Requester requester) {
    Decision decision;
    Forecast forecast;
    RequestContext context;
    try {
      Client client = live.keys().named(requester.key());
      live.ledger().admit(client);
      context = RequestContext.of(client);
      decision =
          live.decider().decide(RequestBody.parse(ChatJson.bytes(body(prompt, policy))), context);
      forecast = live.forecaster().forecast(decision.text());
    } catch (ApiException e) {
      throw new PageException(e.error().status(), e.error().message(), "");
    } catch (DecisionException e) {
      throw new PageException(e.reason() == Reason.BUSY ? 429 : 400, e.message(), "");
    }
    List<Candidate> ranking = new ArrayList<>();
    for (Decision.Ranked r : decision.ranking()) {
      boolean rests = live.upstreams().of(r.model()).stream().noneMatch(Upstream::available);
      ranking.add(
          new Candidate(
              r.model(),
              r.probability(),
              r.low(),
              r.high(),
              r.cost(),
              rests ? Optional.of("its upstream is paused after failures") : Optional.empty()));
    }
    Set<String> left = new TreeSet<>(live.forecaster().models());
    decision.ranking().forEach(r -> left.remove(r.model()));
    List<ExcludedModel> excluded = new ArrayList<>();
    for (Decision.Excluded e : decision.excluded()) {
      left.remove(e.model());
      excluded.add(new ExcludedModel(e.model(), e.reason()));
    }
    left.removeIf(model -> !context.mayUse(model));
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
    ObjectNode body = ChatJson.mapper().createObjectNode();
    body.put("model", "auto:" + RoutingPolicies.format(policy));
    body.putArray("messages").addObject().put("role", "user").put("content", prompt);
    return body;
  }

  @Override
  public List<Neighbor> nearest(String prompt, int count) {
    return gateway.with(live ->
        live.forecaster().nearest(prompt, count).stream()
            .map(n -> new Neighbor(n.id(), n.benchmark(), n.text(), n.distance()))
            .toList());
  }

  @Override
  public String command(String prompt, RoutingPolicy policy, Requester requester) {
    String key = requester.key().isPresent() ? " -H \"Authorization: Bearer $EMBEDLLM_KEY\"" : "";
    return "curl "
        + ShellQuoting.quoted(requester.origin() + "/v1/chat/completions")
        + key
        + " -H 'Content-Type: application/json' -d "
        + ShellQuoting.quoted(ChatJson.mapper().writeValueAsString(body(prompt, policy)));
  }

  @Override
  public void close() {
    // The gateway owns everything.
  }
}
