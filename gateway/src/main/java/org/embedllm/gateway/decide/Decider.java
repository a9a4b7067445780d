package org.embedllm.gateway.decide;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.embedllm.forecast.Forecast;
import org.embedllm.gateway.config.GatewayConfig;
import org.embedllm.gateway.config.Units;
import org.embedllm.gateway.decide.Decision.Ranked;
import org.embedllm.gateway.decide.DecisionException.Reason;
import org.embedllm.gateway.openai.RequestBody;
import org.embedllm.gateway.pacing.BudgetPacing;
import org.embedllm.gateway.rollout.Assignment;
import org.embedllm.gateway.rollout.Rollout;
import org.embedllm.gateway.upstream.Upstream;
import org.embedllm.routing.Route.Candidate;
import org.embedllm.routing.RoutingPolicies;
import org.embedllm.routing.RoutingPolicy;
import org.embedllm.usage.UsageForecast;

/// Chooses the model for each request. Safe for several threads.
public final class Decider {
  private final GatewayConfig config;
  private final Upstreams upstreams;
  private final ModelNames names;
  private final PromptForecaster forecaster;
  private final Conversations conversations;
  private final Optional<BudgetPacing> pacing;
  private final Rollout rollout;
  private final Supplier<String> ids;

  /// @param pacing what keeps a ceiling of spending
  /// @param rollout which decisions reach clients
  /// @param ids a fresh id for each decision
  public Decider(
      GatewayConfig config,
      Upstreams upstreams,
      PromptForecaster forecaster,
      Conversations conversations,
      Optional<BudgetPacing> pacing,
      Rollout rollout,
      Supplier<String> ids) {
    this.config = config;
    this.upstreams = upstreams;
    this.names = new ModelNames(config, upstreams);
    this.forecaster = forecaster;
    this.conversations = conversations;
    this.pacing = pacing;
    this.rollout = rollout;
    this.ids = ids;
  }

  /// Chooses by the first name that the request has; what its other names mean is asked after it.
  ///
  /// @throws DecisionException where no model can serve the request, the client may not use one of
  ///   the names, or too many wait
  public Decision decide(RequestBody body, RequestContext context) {
    List<String> asked = body.models();
    String first = asked.getFirst();
    Decision decision =
        switch (names.choice(first)) {
          case ModelChoice.Named named -> named(first, named.model(), body, context);
          case ModelChoice.Chosen chosen -> chosen(first, chosen.policy(), body, context);
        };
    var ranking = new LinkedHashMap<String, Ranked>();
    decision.ranking().forEach(r -> ranking.put(r.model(), r));
    for (String name : asked.subList(1, asked.size())) {
      List<Ranked> next =
          switch (names.choice(name)) {
            case ModelChoice.Named named ->
                List.of(requireServable(name, named.model(), body, context));
            case ModelChoice.Chosen chosen -> ranked(name, chosen.policy(), body, context);
          };
      next.forEach(r -> ranking.putIfAbsent(r.model(), r));
    }
    return decision.withRanking(List.copyOf(ranking.values()));
  }

  /// Whether a request with this name reaches a model: one by its name, a policy, or an alias.
  public boolean mayName(String name, RequestContext context) {
    return names.mayName(name, context);
  }

  /// The upstreams to try for a decision, in order: those of better ranked models first, but paused
  /// ones last.
  public List<Upstream> order(Decision decision, RequestBody body) {
    var order = new ArrayList<Upstream>();
    var resting = new ArrayList<Upstream>();
    for (Ranked ranked : decision.ranking()) {
      for (Upstream upstream : upstreams.able(ranked.model(), body)) {
        (upstream.available() ? order : resting).add(upstream);
      }
    }
    order.addAll(resting);
    return order;
  }

  /// Tokens of prompt and answer that the chosen model is expected to take.
  public double expectedTokens(Decision decision, RequestBody body) {
    return body.estimatedPromptTokens() + upstreams.expectedTokens(decision.model(), body);
  }

  /// Notes that a model has answered, so that the conversation stays with it.
  public void answered(RequestBody body, RequestContext context, String model) {
    if (config.conversations().sticky()) {
      conversations.remember(context.scope(), session(body, context), body.turns(), model);
    }
  }

  private static Optional<String> session(RequestBody body, RequestContext context) {
    return context.session().or(body::cacheKey);
  }

  private Decision named(String requested, String model, RequestBody body, RequestContext context) {
    return new Decision(
        ids.get(),
        requested,
        Optional.empty(),
        model,
        requested.equals(model)
            ? "the request names this model"
            : "\"" + requested + "\" is its alias",
        List.of(requireServable(requested, model, body, context)),
        List.of(),
        "",
        0,
        0);
  }

  /// The candidate that a name means.
  ///
  /// @param requested the name, which gives the right to its model too; no other name does
  private Ranked requireServable(
      String requested, String model, RequestBody body, RequestContext context) {
    names.requireUsable(requested, model, context);
    Optional<UnmetNeed> unmet = upstreams.unmet(model, body);
    if (unmet.isPresent()) {
      throw new DecisionException(
          unmet.get().kind() == UnmetNeed.Kind.CONTEXT ? Reason.TOO_LONG : Reason.UNSUPPORTED,
          model + " cannot serve this: " + unmet.get().message());
    }
    double cost = upstreams.expectedCost(model, body, 0, UsageForecast.UNKNOWN);
    return new Ranked(model, Double.NaN, Double.NaN, Double.NaN, cost, "");
  }

  private Decision chosen(
      String requested, RoutingPolicy policy, RequestBody body, RequestContext context) {
    Candidates candidates = candidates(requested, body, context);
    String text = PromptText.of(body, config.text());
    long start = System.nanoTime();
    Forecast forecast = forecaster.forecast(text, RequestAttributes.of(body, context.attributes()));
    UsageForecast usage = forecaster.usage(text);
    long encoded = System.nanoTime();
    Optional<String> current = current(candidates, body, context);
    PolicyRanking ranking = ranking(policy, candidates, forecast, usage, body, current);
    String reason = ranking.reason();
    String own = paced(ranking);
    if (!own.equals(ranking.model())) {
      reason =
          "keeps to the budget of $%s a day: the policy would choose %s"
              .formatted(Units.plain(config.pacing()), ranking.model());
    }
    Rollout.Chosen given =
        rollout.choose(
            ranking.forecasts(),
            own,
            new Rollout.Asked(
                context.scope(),
                session(body, context),
                body.turns(),
                current.isPresent()
                    || body.turns().stream().anyMatch(turn -> turn.role().equals("assistant"))));
    List<Ranked> ranked = ranking.ranked(given.model());
    return new Decision(
        ids.get(),
        requested,
        Optional.of(RoutingPolicies.format(policy)),
        given.model(),
        given.model().equals(own)
            ? reason
            : given.explored()
                ? "explored: the policy would choose " + own
                : "the default model takes it: the policy would choose " + own,
        ranked,
        candidates.excluded(),
        text,
        assignment(own, given, ranked),
        encoded - start,
        System.nanoTime() - encoded);
  }

  /// How a policy ranks the candidates, its choice first. What a rollout or a budget makes of it is
  /// left out: it is about first choices alone.
  private List<Ranked> ranked(
      String requested, RoutingPolicy policy, RequestBody body, RequestContext context) {
    Candidates candidates = candidates(requested, body, context);
    String text = PromptText.of(body, config.text());
    PolicyRanking ranking =
        ranking(
            policy,
            candidates,
            forecaster.forecast(text, RequestAttributes.of(body, context.attributes())),
            forecaster.usage(text),
            body,
            current(candidates, body, context));
    return ranking.ranked(ranking.model());
  }

  private PolicyRanking ranking(
      RoutingPolicy policy,
      Candidates candidates,
      Forecast forecast,
      UsageForecast usage,
      RequestBody body,
      Optional<String> current) {
    return new PolicyRanking(
        config, upstreams, body, policy, candidates.models(), forecast, usage, current);
  }

  /// @param requested what leaves the choice to a policy
  private Candidates candidates(String requested, RequestBody body, RequestContext context) {
    if (!context.mayLetChoose(requested, upstreams.models())) {
      throw ModelNames.notAllowed(requested);
    }
    return Candidates.of(upstreams, forecaster.models(), body, context);
  }

  /// The candidate that answered this conversation before.
  private Optional<String> current(
      Candidates candidates, RequestBody body, RequestContext context) {
    return config.conversations().sticky()
        ? conversations
            .modelOf(context.scope(), session(body, context), body.turns())
            .filter(candidates.models()::contains)
        : Optional.empty();
  }

  /// The policy's choice, or a cheaper one that keeps the day's spending to its ceiling.
  private String paced(PolicyRanking ranking) {
    if (pacing.isEmpty()) {
      return ranking.model();
    }
    List<Candidate> inTime =
        ranking.candidates().stream()
            .filter(c ->
                c.model().equals(ranking.model())
                    || config.maxSeconds() == Double.POSITIVE_INFINITY
                    || c.seconds() <= config.maxSeconds())
            .toList();
    return pacing.get().choose(inTime, config.pacing()).model();
  }

  private static Assignment assignment(String router, Rollout.Chosen given, List<Ranked> ranking) {
    return new Assignment(
        router,
        given.arm(),
        given.explored(),
        ranking.stream()
            .map(r ->
                new Assignment.Candidate(
                    r.model(),
                    given.propensities().getOrDefault(r.model(), 0.0),
                    r.probability(),
                    r.cost()))
            .toList());
  }
}
