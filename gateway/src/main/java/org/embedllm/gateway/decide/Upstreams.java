package org.embedllm.gateway.decide;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.embedllm.correctness.UsageQuantity;
import org.embedllm.gateway.config.UpstreamConfig;
import org.embedllm.gateway.decide.UnmetNeed.Kind;
import org.embedllm.gateway.openai.Api;
import org.embedllm.gateway.openai.Capability;
import org.embedllm.gateway.openai.RequestBody;
import org.embedllm.gateway.upstream.Upstream;
import org.embedllm.usage.UsageEstimate;
import org.embedllm.usage.UsageForecast;

/// The upstreams by model, in the configuration's order. Several may offer the same model.
public final class Upstreams {
  private final Map<String, List<Upstream>> byModel = new LinkedHashMap<>();

  public Upstreams(List<Upstream> upstreams) {
    for (Upstream upstream : upstreams) {
      byModel.computeIfAbsent(upstream.config().model(), m -> new ArrayList<>()).add(upstream);
    }
    byModel.replaceAll((model, list) -> List.copyOf(list));
  }

  public Set<String> models() {
    return Collections.unmodifiableSet(byModel.keySet());
  }

  public List<Upstream> all() {
    return byModel.values().stream().flatMap(List::stream).toList();
  }

  /// A model's upstreams, those with most free capacity first, paused ones last.
  public List<Upstream> of(String model) {
    List<Upstream> list = byModel.getOrDefault(model, List.of());
    return list.size() < 2
        ? list
        : list.stream()
            .sorted(
                Comparator.comparing((Upstream u) -> !u.available())
                    .thenComparingDouble(u -> (double) u.active() / u.config().concurrency()))
            .toList();
  }

  /// Those of a model's upstreams that meet a request's needs.
  public List<Upstream> able(String model, RequestBody body) {
    var able = new ArrayList<>(of(model));
    able.removeIf(upstream -> unmet(upstream.config(), body).isPresent());
    return able;
  }

  /// Which need a model's upstreams do not meet; empty where one of them meets all.
  public Optional<UnmetNeed> unmet(String model, RequestBody body) {
    Optional<UnmetNeed> first = Optional.empty();
    for (Upstream upstream : byModel.getOrDefault(model, List.of())) {
      Optional<UnmetNeed> unmet = unmet(upstream.config(), body);
      if (unmet.isEmpty()) {
        return unmet;
      }
      first = first.or(() -> unmet);
    }
    return first;
  }

  /// What none of a model's able upstreams takes of a request. Empty where one of them takes all of
  /// it, or all but parameters that its configuration leaves out.
  public Optional<UnmetNeed> refused(String model, RequestBody body) {
    Optional<UnmetNeed> first = Optional.empty();
    for (Upstream upstream : able(model, body)) {
      boolean drop = upstream.config().unsupported().drop();
      Set<String> refused = drop ? upstream.lacking(body) : upstream.unsupported(body);
      refused.removeIf(body::isHint);
      if (refused.isEmpty()) {
        return Optional.empty();
      }
      String name = new TreeSet<>(refused).getFirst();
      first =
          first.or(() -> Optional.of(new UnmetNeed(Kind.PARAMETER, "it does not take " + name)));
    }
    return first;
  }

  /// What an answer is expected to cost at the upstream that is asked first, in USD.
  ///
  /// @param cached the share of the prompt's price that a warm cache saves
  /// @return NaN where prices are not known
  double expectedCost(String model, RequestBody body, double cached, UsageForecast usage) {
    return of(model).stream()
        .findFirst()
        .map(upstream ->
            upstream.expectedCost(
                body.estimatedPromptTokens(), cached, tokens(upstream, body, usage)))
        .orElse(Double.NaN);
  }

  /// How many tokens an answer is expected to take by the last ones; 0 without an upstream.
  double expectedTokens(String model, RequestBody body) {
    return of(model).stream()
        .findFirst()
        .map(upstream -> tokens(upstream, body, UsageForecast.UNKNOWN))
        .orElse(0.0);
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

  private static Optional<UnmetNeed> unmet(UpstreamConfig config, RequestBody body) {
    boolean embeds = config.api() == Api.EMBEDDINGS;
    if (embeds != body.isEmbedding()) {
      return Optional.of(
          new UnmetNeed(
              Kind.ABILITY, embeds ? "it is an embedding model" : "it is no embedding model"));
    }
    for (Capability need : body.needs()) {
      if (!config.abilities().contains(need)) {
        return Optional.of(new UnmetNeed(Kind.ABILITY, "the request needs " + need.words()));
      }
    }
    if (config.context().isPresent()) {
      long needed = (long) body.estimatedPromptTokens() + body.maxTokens().orElse(0);
      if (needed > config.context().getAsInt()) {
        return Optional.of(
            new UnmetNeed(
                Kind.CONTEXT,
                "the request needs about %d tokens, its context has %d"
                    .formatted(needed, config.context().getAsInt())));
      }
    }
    return Optional.empty();
  }
}
