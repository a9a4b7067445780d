package org.embedllm.gateway.api;

import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.embedllm.gateway.cache.ResponseCache;
import org.embedllm.gateway.config.KeyConfig;
import org.embedllm.gateway.decide.RequestContext;
import org.embedllm.gateway.observe.CompletedRequest;
import org.embedllm.gateway.observe.Metrics;
import org.embedllm.gateway.upstream.Upstream;

/// What a gateway's metrics say of its present state, and who sees which of them.
final class GatewayMetrics {
  private final Metrics metrics;
  private final Supplier<GatewaySnapshot> live;
  private final MultiGauge circuits;
  private final MultiGauge healthy;

  GatewayMetrics(Metrics metrics, Supplier<GatewaySnapshot> live) {
    this.metrics = metrics;
    this.live = live;
    this.circuits =
        metrics.gauges(
            "embedllm_upstream_circuit_open", "1 where the circuit breaker is not closed");
    this.healthy = metrics.gauges("embedllm_upstream_healthy", "1 where the last probe went well");
  }

  /// @param lost decisions that could not be kept
  /// @param shadowSpend USD that shadow calls and their judge have cost since midnight UTC
  void register(GatewayServer server, Supplier<Number> lost, Supplier<Number> shadowSpend) {
    metrics.process();
    String version = Gateway.class.getPackage().getImplementationVersion();
    metrics.gauge(
        "embedllm.build.info",
        "the program's version",
        () -> 1,
        "version",
        version == null ? "development" : version);
    metrics.gauge("embedllm_requests_active", "requests under way", server::active);
    metrics.gauge("embedllm_connections", "open connections", server::openConnections);
    metrics.gauge(
        "embedllm_cache_answers",
        "answers in the response cache",
        () -> live.get().cache().map(ResponseCache::size).orElse(0L));
    metrics.gauge(
        "embedllm_exploration_expected_loss",
        "right answers that exploration is expected to have cost since midnight UTC",
        () -> live.get().rolloutState().expectedLossToday());
    metrics.gauge(
        "embedllm_shadow_spend",
        "USD that shadow calls and their judge have cost since midnight UTC",
        shadowSpend);
    metrics.gauge(
        "embedllm_pacing_spend",
        "USD that answers have cost since midnight UTC, where a budget is paced",
        () -> live.get().pacing().map(pacing -> pacing.state().spent()).orElse(0.0));
    metrics.gauge(
        "embedllm_pacing_price",
        "price of cost in the choice that keeps the budget, in probability per USD",
        () -> live.get().pacing().map(pacing -> pacing.state().price()).orElse(0.0));
    metrics.gauge(
        "embedllm_rollout_stepped_back",
        "1 where a guard has broken and the default model answers",
        () -> live.get().rolloutState().steppedBack() ? 1 : 0);
    metrics.count("embedllm_store_lost", "decisions that could not be kept", lost);
    metrics.gauge(
        "embedllm_upstreams_available",
        "upstreams that would be asked just now",
        () -> live.get().upstreams().all().stream().filter(Upstream::available).count());
  }

  /// Counts a request by OpenTelemetry's conventions.
  ///
  /// @param operation such as `chat`
  void operation(CompletedRequest request, String operation) {
    String provider =
        request
            .answer()
            .model()
            .or(() -> request.choice().map(CompletedRequest.Choice::model))
            .flatMap(model -> live.get().upstreams().of(model).stream().findFirst())
            .map(Upstream::provider)
            .orElse("");
    metrics.operation(request, operation, provider);
  }

  /// What single keys have spent is for those alone who may see all of it.
  String scrape(GatewayRequest request) {
    circuits.register(rows(u -> u.circuit().equals("closed") ? 0 : 1), true);
    healthy.register(rows(u -> u.healthy() ? 1 : 0), true);
    RequestContext context = request.context();
    Set<String> models = request.snapshot().upstreams().models();
    return metrics.scrape(
        request.client().key().map(KeyConfig::admin).orElse(true),
        model -> !models.contains(model) || context.mayUse(model));
  }

  private List<MultiGauge.Row<?>> rows(ToDoubleFunction<Upstream> value) {
    List<MultiGauge.Row<?>> rows = new ArrayList<>();
    for (Upstream upstream : live.get().upstreams().all()) {
      rows.add(
          MultiGauge.Row.of(Tags.of("upstream", upstream.label()), value.applyAsDouble(upstream)));
    }
    return rows;
  }
}
