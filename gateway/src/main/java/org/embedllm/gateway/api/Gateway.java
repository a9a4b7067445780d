package org.embedllm.gateway.api;

import com.github.benmanes.caffeine.cache.Ticker;
import io.helidon.webserver.http.HttpRouting;
import io.opentelemetry.api.trace.Tracer;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.embedllm.gateway.cache.LatestEntries;
import org.embedllm.gateway.config.GatewayConfig;
import org.embedllm.gateway.decide.DecisionException;
import org.embedllm.gateway.decide.PromptForecaster;
import org.embedllm.gateway.observe.CompletedRequest;
import org.embedllm.gateway.observe.LiveFeed;
import org.embedllm.gateway.observe.Metrics;
import org.embedllm.gateway.observe.RequestLog;
import org.embedllm.gateway.shadow.Comparison;
import org.embedllm.gateway.shadow.Shadow;
import org.embedllm.gateway.store.DecisionStore;
import org.embedllm.gateway.upstream.Dispatcher;
import org.embedllm.gateway.upstream.HealthChecks;
import org.embedllm.gateway.upstream.UpstreamClient;
import org.embedllm.storage.BadInputException;
import org.embedllm.storage.RefCounted;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The gateway: a server in front of upstreams, with a trained model behind it. Configuration and
/// model are replaced while it runs; requests under way end with those they began with.
public final class Gateway implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);

  private static final int MOST_PAST = 20_000;
  private static final long MOST_TEXT_BYTES = 20_000_000; // of texts kept for feedback

  private final Snapshots snapshots;
  private final DecisionStore store;
  private final Metrics metrics = new Metrics();
  private final LiveFeed feed;
  private final LatestEntries<String, RoutedText> texts =
      new LatestEntries<>(
          MOST_TEXT_BYTES, RoutedText::bytes, Duration.ofDays(1), Ticker.systemTicker());
  private final GatewayServer server;
  private final UpstreamClient client;
  private final HealthChecks health;
  private final Shadow shadow;
  private final ScheduledExecutorService scheduler;
  private final Clock clock;
  private final long created;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile boolean stopping;

  /// @param config content of the file
  /// @param forecaster the trained model; closed by the gateway
  /// @param store of decisions; closed by the gateway
  /// @param tracer for traces; empty without traces
  /// @param more pages and endpoints of others
  /// @param clock the time of day
  /// @throws BadInputException where it would listen beyond this machine without keys
  public Gateway(
      GatewayConfig config,
      PromptForecaster forecaster,
      DecisionStore store,
      Optional<Tracer> tracer,
      List<WebRoutes> more,
      Clock clock) {
    this.clock = clock;
    this.snapshots = new Snapshots(config, forecaster, store, clock);
    this.created = clock.instant().getEpochSecond();
    this.store = store;
    this.feed = new LiveFeed(clock, config.store().prompts());
    DecisionStore.Past past = store.past(Duration.ofDays(1), MOST_PAST);
    feed.remember(past.decisions(), past.since());
    this.client = new UpstreamClient(tls(), clock);
    this.health = new HealthChecks(client, () -> snapshot().upstreams().all());
    this.scheduler =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("gateway-scheduler").factory());
    var gauges = new GatewayMetrics(metrics, this::snapshot);
    var log = new RequestLog(config.observe().prompts(), this::labels);
    Function<String, CompletedRequest.Listener> listeners =
        operation ->
            request -> {
              metrics.completed(request);
              gauges.operation(request, operation);
              request.choice().ifPresent(choice -> keepText(request, choice));
              request.choice().ifPresent(choice -> countArm(request, choice));
              store.completed(request);
              feed.completed(request);
              log.completed(request);
            };
    var tracing = new Tracing(tracer);
    var dispatcher = new Dispatcher(client);
    this.shadow = new Shadow(dispatcher, this::compared, clock, store.shadowSpentToday());
    var completions =
        new Completions(
            dispatcher, listeners, store, tracing, metrics, shadow, feed.answers(), clock);
    this.server =
        new GatewayServer(
            config,
            snapshots::current,
            (s, routing) -> paths(s, routing, completions, gauges, more));
    gauges.register(server, store::lost, shadow::spentToday);
  }

  private GatewaySnapshot snapshot() {
    return snapshots.current().value();
  }

  /// In memory alone, for feedback that comes soon.
  private void keepText(CompletedRequest request, CompletedRequest.Choice choice) {
    if (!choice.text().isEmpty()) {
      String model = request.answer().model().orElse(choice.model());
      texts.put(choice.id(), new RoutedText(choice.text(), model, request.request().client()));
    }
  }

  /// Two answers were compared: both scores go to the store, and to the vectors where they learn.
  private void compared(Comparison comparison, String text) {
    RefCounted<GatewaySnapshot> now = snapshots.current();
    if (!now.hold()) {
      store.compared(comparison);
      return;
    }
    try {
      store.compared(comparison.withKind(kind(now.value().forecaster(), text)));
      if (now.value().config().learn() && !text.isEmpty()) {
        PromptForecaster learning = now.value().forecaster();
        learning.learn(text, comparison.answered(), comparison.answeredScore());
        learning.learn(text, comparison.other(), comparison.otherScore());
      }
    } catch (DecisionException e) {
      LOG.debug("nothing learned from {}: the encoder is busy", comparison.decision());
    } finally {
      now.release();
    }
  }

  private static String kind(PromptForecaster forecaster, String text) {
    try {
      return text.isEmpty() ? "" : forecaster.kind(text);
    } catch (DecisionException e) {
      return ""; // The encoder is busy with clients' texts.
    }
  }

  private void countArm(CompletedRequest request, CompletedRequest.Choice choice) {
    GatewaySnapshot now = snapshot();
    now.rolloutState()
        .completed(
            choice.id(),
            choice.assignment().arm(),
            request.answer().isFailure(),
            request.cost(),
            request.timing().total(),
            now.config().rollout().guards());
  }

  /// What logs say of a request beside its own fields: metadata of its key, groups of its model.
  private Map<String, String> labels(CompletedRequest request) {
    GatewaySnapshot now = snapshot();
    var labels = new TreeMap<String, String>();
    request
        .request()
        .client()
        .flatMap(now.keys()::find)
        .ifPresent(
            key -> key.metadata().forEach((name, value) -> labels.put("key." + name, value)));
    List<String> groups = request.answer().model().map(now.config()::groupsOf).orElse(List.of());
    if (!groups.isEmpty()) {
      labels.put("modelGroups", String.join(",", groups));
    }
    return labels;
  }

  private static SSLContext tls() {
    try {
      return SSLContext.getDefault();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has a default of TLS", e);
    }
  }

  private void paths(
      GatewayServer s,
      HttpRouting.Builder routing,
      Completions completions,
      GatewayMetrics gauges,
      List<WebRoutes> more) {
    CompletedRequest.Listener decided =
        request -> {
          request.choice().ifPresent(choice -> keepText(request, choice));
          store.completed(request);
          feed.completed(request);
        };
    var route = new RouteEndpoint(decided, clock);
    var keys = new KeysEndpoint(store.keys(), snapshots::refreshKeys, clock);
    var spend = new SpendEndpoint(store, clock);
    s.getAndPost(routing, "/v1/keys", r -> r.send(keys.list(r)), r -> r.send(keys.create(r)));
    s.post(routing, "/v1/keys/*", r -> r.send(keys.change(r)));
    s.get(routing, "/v1/spend", r -> r.send(spend.answer(r)));
    var feedback = new FeedbackEndpoint(store, metrics, feed, texts);
    completions.addTo(s, routing);
    s.post(routing, "/v1/route", r -> r.send(route.answer(r)));
    s.post(routing, "/v1/feedback", r -> r.send(feedback.answer(r)));
    s.get(routing, "/v1/models", r -> r.send(ModelsEndpoint.list(r, created)));
    s.get(
        routing,
        "/v1/models/*",
        r -> {
          String name = named(r);
          r.send(
              name.isEmpty()
                  ? ModelsEndpoint.list(r, created)
                  : ModelsEndpoint.one(r, name, created));
        });
    s.get(
        routing,
        "/metrics",
        r ->
            r.send(
                "text/plain; version=0.0.4; charset=utf-8",
                gauges.scrape(r).getBytes(StandardCharsets.UTF_8)));
    s.watchRest(routing);
    s.open(routing, "/openapi.json", OpenApiEndpoint::answer);
    new HealthEndpoints(() -> snapshot(), store::working, () -> stopping).addTo(s, routing);
    var view = new GatewayView(snapshots::current, feed, store, shadow::spentToday);
    more.forEach(routes -> routes.addTo(routing, view));
  }

  private static String named(GatewayRequest request) {
    return request.path().substring("/v1/models/".length());
  }

  public void start() {
    server.start();
    var probing = scheduler.scheduleWithFixedDelay(health::run, 0, 1, TimeUnit.SECONDS);
    var forgetting = scheduler.scheduleWithFixedDelay(store::forget, 1, 60, TimeUnit.MINUTES);
    var returning = scheduler.scheduleWithFixedDelay(store::probe, 5, 5, TimeUnit.SECONDS);
    var keys = scheduler.scheduleWithFixedDelay(snapshots::refreshKeys, 5, 5, TimeUnit.SECONDS);
    if (probing.isDone() || forgetting.isDone() || returning.isDone() || keys.isDone()) {
      throw new IllegalStateException("the gateway's scheduler has died");
    }
  }

  /// The method of each path of the API.
  Map<String, String> methods() {
    return server.methods();
  }

  public int port() {
    return server.port();
  }

  /// Replaces the configuration for requests to come; what it cannot take over is logged.
  public void reload(GatewayConfig config) {
    snapshots.reload(config);
  }

  /// Replaces the trained model for requests to come.
  public void reload(PromptForecaster fresh) {
    snapshots.reload(fresh);
  }

  /// Finishes what is under way, then stops.
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    stopping = true;
    server.drain(snapshot().config().limits());
    feed.close();
    server.close();
    scheduler.shutdownNow();
    shadow.close();
    client.close();
    snapshots.close();
    store.close();
  }
}
