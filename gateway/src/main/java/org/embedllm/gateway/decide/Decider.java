package org.embedllm.gateway.decide;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.embedllm.correctness.UsageQuantity;
import org.embedllm.forecast.Forecast;
import org.embedllm.forecast.Forecast.ModelForecast;
import org.embedllm.gateway.access.Client;
import org.embedllm.gateway.config.ConversationRule;
import org.embedllm.gateway.config.GatewayConfig;
import org.embedllm.gateway.config.Units;
import org.embedllm.gateway.decide.Decision.Excluded;
import org.embedllm.gateway.decide.Decision.Ranked;
import org.embedllm.gateway.decide.DecisionException.Reason;
import org.embedllm.gateway.decide.UnmetNeed.Kind;
import org.embedllm.gateway.openai.RequestBody;
import org.embedllm.gateway.pacing.BudgetPacing;
import org.embedllm.gateway.rollout.Assignment;
import org.embedllm.gateway.rollout.Rollout;
import org.embedllm.gateway.upstream.Upstream;
import org.embedllm.routing.Route;
import org.embedllm.routing.Route.Candidate;
import org.embedllm.routing.Router;
import org.embedllm.routing.RoutingPolicies;
import org.embedllm.routing.RoutingPolicy;
import org.embedllm.storage.DidYouMean;
import org.embedllm.usage.UsageEstimate;
import org.embedllm.usage.UsageForecast;

/// Chooses the model for each request. Safe for several threads.
public final class Decider {
  private final GatewayConfig config;
  private final Upstreams upstreams;
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
    this.forecaster = forecaster;
    this.conversations = conversations;
    this.pacing = pacing;
    this.rollout = rollout;
    this.ids = ids;
  }

  /// Who asks what.
  ///
  /// @param scope who asks
  /// @param session the conversation's name, where the client gives it one
  /// @param allowed which models and policies this client may name; all where empty
  /// @param attributes what the client says of the request, by name
  public record Requester(
      String scope,
      Optional<String> session,
      List<String> allowed,
      Map<String, String> attributes) {
    public Requester {
      allowed = List.copyOf(allowed);
      attributes = Map.copyOf(attributes);
    }

    /// Who asks about itself, such as for a list of models.
    public static Requester of(Client client) {
      return of(client, Optional.empty(), Map.of());
    }

    public static Requester of(
        Client client, Optional<String> session, Map<String, String> attributes) {
      return new Requester(
          client.name().orElse(""),
          session,
          client.key().map(k -> List.copyOf(k.models())).orElse(List.of()),
          attributes);
    }

    public boolean mayUse(String model) {
      return allowed.isEmpty() || allowed.contains(model);
    }

    /// Whether it may leave the choice to a policy: one it may name, or any where it may name
    /// models to choose among.
    ///
    /// @param models all there are
    public boolean mayLetChoose(String policy, Set<String> models) {
      return mayUse(policy) || mayUse("auto") || allowed.stream().anyMatch(models::contains);
    }
  }

  /// Chooses by the first name that the request has; what its other names mean is asked after it.
  ///
  /// @throws DecisionException where no model can serve the request, the client may not use one of
  ///   the names, or too many wait
  public Decision decide(RequestBody body, Requester requester) {
    List<String> names = body.models();
    String first = names.getFirst();
    Decision decision =
        switch (choice(first)) {
          case ModelChoice.Named named -> named(first, named.model(), body, requester);
          case ModelChoice.Chosen chosen -> chosen(first, chosen.policy(), body, requester);
        };
    var ranking = new LinkedHashMap<String, Ranked>();
    decision.ranking().forEach(r -> ranking.put(r.model(), r));
    for (String name : names.subList(1, names.size())) {
      List<Ranked> next =
          switch (choice(name)) {
            case ModelChoice.Named named ->
                List.of(requireServable(name, named.model(), body, requester));
            case ModelChoice.Chosen chosen -> ranking(name, chosen.policy(), body, requester);
          };
      next.forEach(r -> ranking.putIfAbsent(r.model(), r));
    }
    return decision.withRanking(List.copyOf(ranking.values()));
  }

  private ModelChoice choice(String name) {
    return ModelChoice.of(Optional.of(config.alias().getOrDefault(name, name)), config.policy());
  }

  /// Whether a request with this name reaches a model: one by its name, a policy, or an alias.
  public boolean mayName(String name, Requester requester) {
    try {
      return switch (choice(name)) {
        case ModelChoice.Named named ->
            upstreams.models().contains(named.model())
                && (requester.mayUse(named.model()) || requester.mayUse(name));
        case ModelChoice.Chosen _ -> requester.mayLetChoose(name, upstreams.models());
      };
    } catch (DecisionException e) {
      return false;
    }
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
    double answer =
        upstreams.of(decision.model()).stream()
            .findFirst()
            .map(offered -> tokens(offered, body, UsageForecast.UNKNOWN))
            .orElse(0.0);
    return body.estimatedPromptTokens() + answer;
  }

  /// Notes that a model has answered, so that the conversation stays with it.
  public void answered(RequestBody body, Requester requester, String model) {
    if (config.conversations().sticky()) {
      conversations.remember(requester.scope(), session(body, requester), body.turns(), model);
    }
  }

  private static Optional<String> session(RequestBody body, Requester requester) {
    return requester.session().or(body::cacheKey);
  }

  private Decision named(String requested, String model, RequestBody body, Requester requester) {
    return new Decision(
        ids.get(),
        requested,
        Optional.empty(),
        model,
        requested.equals(model)
            ? "the request names this model"
            : "\"" + requested + "\" is its alias",
        List.of(requireServable(requested, model, body, requester)),
        List.of(),
        "",
        0,
        0);
  }

  /// The candidate that a name means.
  ///
  /// @param requested the name, which gives the right to its model too; no other name does
  private Ranked requireServable(
      String requested, String model, RequestBody body, Requester requester) {
    if (!upstreams.models().contains(model)) {
      throw unknown(requested, requester);
    }
    if (!requester.mayUse(model) && !requester.mayUse(requested)) {
      throw notAllowed(requested);
    }
    Optional<UnmetNeed> unmet = upstreams.unmet(model, body);
    if (unmet.isPresent()) {
      throw new DecisionException(
          unmet.get().kind() == UnmetNeed.Kind.CONTEXT ? Reason.TOO_LONG : Reason.UNSUPPORTED,
          model + " cannot serve this: " + unmet.get().message());
    }
    double cost = cost(model, body, 0, UsageForecast.UNKNOWN);
    return new Ranked(model, Double.NaN, Double.NaN, Double.NaN, cost, "");
  }

  /// @param requested as the client wrote it: what an alias means is not told
  private static DecisionException notAllowed(String requested) {
    return new DecisionException(Reason.NOT_ALLOWED, "this key may not use " + requested);
  }

  /// What may be meant is among what the client may name.
  private DecisionException unknown(String model, Requester requester) {
    var known = new ArrayList<>(upstreams.models());
    known.addAll(ModelChoice.VIRTUAL);
    known.addAll(config.alias().keySet());
    known.removeIf(name -> !mayName(name, requester));
    String message =
        "there is no model \"%s\" here.%s GET /v1/models lists all"
            .formatted(model, DidYouMean.hint(model, known));
    return new DecisionException(Reason.UNKNOWN_MODEL, message);
  }

  private Decision chosen(
      String requested, RoutingPolicy policy, RequestBody body, Requester requester) {
    var excluded = new ArrayList<Excluded>();
    List<String> candidates = candidates(requested, body, requester, excluded);
    String text = PromptText.of(body, config.text());
    long start = System.nanoTime();
    Forecast forecast =
        forecaster.forecast(text, RequestAttributes.of(body, requester.attributes()));
    UsageForecast usage = forecaster.usage(text);
    long encoded = System.nanoTime();
    Map<String, ModelForecast> forecasts = new HashMap<>();
    forecast.models().forEach(f -> forecasts.put(f.model(), f));
    Optional<String> current = current(candidates, body, requester);
    Route route = route(policy, candidates, forecasts, usage, body, current);
    List<Ranked> ranking = ranking(route, forecasts, usage, body, current);
    String reason =
        reason(route, policy, candidates, forecasts, usage, body, current, forecast.abstain());
    String own = paced(route);
    if (!own.equals(route.model())) {
      reason =
          "keeps to the budget of $%s a day: the policy would choose %s"
              .formatted(Units.plain(config.pacing()), route.model());
    }
    Rollout.Chosen given =
        rollout.choose(
            candidates.stream().map(forecasts::get).filter(f -> f != null).toList(),
            own,
            new Rollout.Asked(
                requester.scope(),
                session(body, requester),
                body.turns(),
                current.isPresent()
                    || body.turns().stream().anyMatch(turn -> turn.role().equals("assistant"))));
    putFirst(given.model(), ranking);
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
        ranking,
        excluded,
        text,
        assignment(own, given, ranking),
        encoded - start,
        System.nanoTime() - encoded);
  }

  /// How a policy ranks the candidates, its choice first. What a rollout or a budget makes of it is
  /// left out: it is about first choices alone.
  private List<Ranked> ranking(
      String requested, RoutingPolicy policy, RequestBody body, Requester requester) {
    List<String> candidates = candidates(requested, body, requester, new ArrayList<>());
    String text = PromptText.of(body, config.text());
    Map<String, ModelForecast> forecasts = new HashMap<>();
    forecaster
        .forecast(text, RequestAttributes.of(body, requester.attributes()))
        .models()
        .forEach(f -> forecasts.put(f.model(), f));
    UsageForecast usage = forecaster.usage(text);
    Optional<String> current = current(candidates, body, requester);
    Route route = route(policy, candidates, forecasts, usage, body, current);
    List<Ranked> ranking = ranking(route, forecasts, usage, body, current);
    putFirst(route.model(), ranking);
    return ranking;
  }

  private List<Ranked> ranking(
      Route route,
      Map<String, ModelForecast> forecasts,
      UsageForecast usage,
      RequestBody body,
      Optional<String> current) {
    List<Ranked> ranking = new ArrayList<>();
    for (Candidate candidate : route.ranking()) {
      ModelForecast f = forecasts.get(candidate.model());
      if (f != null) {
        ranking.add(ranked(f, usage, body, current));
      }
    }
    return ranking;
  }

  private static void putFirst(String model, List<Ranked> ranking) {
    ranking.sort(Comparator.comparing(ranked -> !ranked.model().equals(model)));
  }

  /// The candidate that answered this conversation before.
  private Optional<String> current(List<String> candidates, RequestBody body, Requester requester) {
    return config.conversations().sticky()
        ? conversations
            .modelOf(requester.scope(), session(body, requester), body.turns())
            .filter(candidates::contains)
        : Optional.empty();
  }

  /// The policy's choice, or a cheaper one that keeps the day's spending to its ceiling.
  private String paced(Route route) {
    if (pacing.isEmpty()) {
      return route.model();
    }
    List<Candidate> inTime =
        route.ranking().stream()
            .filter(c ->
                c.model().equals(route.model())
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

  /// Models that could answer, at least one, and why the others could not.
  ///
  /// @param requested what leaves the choice to a policy
  private List<String> candidates(
      String requested, RequestBody body, Requester requester, List<Excluded> excluded) {
    if (!requester.mayLetChoose(requested, upstreams.models())) {
      throw notAllowed(requested);
    }
    List<String> candidates = candidates(body, requester, excluded);
    if (candidates.isEmpty()) {
      throw nobody(excluded);
    }
    return candidates;
  }

  private List<String> candidates(RequestBody body, Requester requester, List<Excluded> excluded) {
    boolean restricted = requester.allowed().stream().anyMatch(upstreams.models()::contains);
    var candidates = new ArrayList<String>();
    var refusing = new ArrayList<Excluded>();
    for (String model : upstreams.models()) {
      if (restricted && !requester.mayUse(model)) {
        continue; // A key sees only what it may name.
      }
      Optional<UnmetNeed> unmet = upstreams.unmet(model, body);
      if (!forecaster.models().contains(model)) {
        excluded.add(new Excluded(model, new UnmetNeed(Kind.VECTOR, "it has no vector in MODEL")));
      } else if (unmet.isPresent()) {
        excluded.add(new Excluded(model, unmet.get()));
      } else {
        upstreams
            .refused(model, body)
            .ifPresentOrElse(
                need -> refusing.add(new Excluded(model, need)), () -> candidates.add(model));
      }
    }
    if (candidates.isEmpty()) {
      // Without the parameter, then.
      return refusing.stream().map(Excluded::model).toList();
    }
    excluded.addAll(refusing);
    return candidates;
  }

  private static DecisionException nobody(List<Excluded> excluded) {
    var why = new StringBuilder("no model can serve this request");
    for (Excluded e : excluded.subList(0, Math.min(8, excluded.size()))) {
      why.append("; ").append(e.model()).append(": ").append(e.reason());
    }
    boolean length =
        !excluded.isEmpty() && excluded.stream().allMatch(e -> e.need().kind() == Kind.CONTEXT);
    return new DecisionException(length ? Reason.TOO_LONG : Reason.NO_CANDIDATE, why.toString());
  }

  /// The policy's route, where the conversation's own model counts as more likely to be right by
  /// the switching cost, and as cheaper by what its prompt cache saves.
  private Route route(
      RoutingPolicy policy,
      List<String> candidates,
      Map<String, ModelForecast> forecasts,
      UsageForecast usage,
      RequestBody body,
      Optional<String> current) {
    ConversationRule rule = config.conversations();
    List<Candidate> shifted = new ArrayList<>();
    for (String model : candidates) {
      ModelForecast f = forecasts.get(model);
      if (f == null) {
        continue;
      }
      boolean own = current.isPresent() && current.get().equals(model);
      shifted.add(
          new Candidate(
              model,
              f.probability() + (own ? rule.switchingCost() : 0),
              f.low(),
              f.high(),
              cost(model, body, own ? rule.cacheDiscount() : 0, usage),
              usage.of(model, UsageQuantity.SECONDS).map(UsageEstimate::mean).orElse(Double.NaN)));
    }
    return new Router(policy, config.maxSeconds()).route(shifted);
  }

  private String reason(
      Route shifted,
      RoutingPolicy policy,
      List<String> candidates,
      Map<String, ModelForecast> forecasts,
      UsageForecast usage,
      RequestBody body,
      Optional<String> current,
      boolean abstain) {
    Route plain =
        current.isPresent()
            ? route(policy, candidates, forecasts, usage, body, Optional.empty())
            : shifted;
    String reason = plain.reason();
    if (current.isPresent() && current.get().equals(shifted.model())) {
      reason =
          plain.model().equals(shifted.model())
              ? reason
              : "the conversation stays with %s: the gain of %s is below the switching cost"
                  .formatted(shifted.model(), plain.model());
    } else if (current.isPresent()) {
      reason += "; the gain outweighs leaving " + current.get();
    }
    return abstain ? Route.ABSTAINED + reason : reason;
  }

  private Ranked ranked(
      ModelForecast f, UsageForecast usage, RequestBody body, Optional<String> current) {
    boolean rests = upstreams.of(f.model()).stream().noneMatch(Upstream::available);
    String note =
        current.filter(f.model()::equals).isPresent() ? "answered this conversation before" : "";
    note = rests ? (note.isEmpty() ? "" : note + "; ") + "resting at the moment" : note;
    return new Ranked(
        f.model(), f.probability(), f.low(), f.high(), cost(f.model(), body, 0, usage), note);
  }

  private double cost(String model, RequestBody body, double cached, UsageForecast usage) {
    return upstreams.of(model).stream()
        .findFirst()
        .map(offered ->
            offered.expectedCost(
                body.estimatedPromptTokens(), cached, tokens(offered, body, usage)))
        .orElse(Double.NaN);
  }

  /// Forecast length of an answer, else the mean of the last ones, within the request's limit.
  private static double tokens(Upstream upstream, RequestBody body, UsageForecast usage) {
    double tokens =
        usage
            .of(upstream.config().model(), UsageQuantity.OUTPUT_TOKENS)
            .map(UsageEstimate::mean)
            .orElseGet(upstream::meanAnswerTokens);
    return Math.min(tokens, body.maxTokens().orElse(Integer.MAX_VALUE));
  }
}
