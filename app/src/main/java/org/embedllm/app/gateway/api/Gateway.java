package org.embedllm.app.gateway.api;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.opentelemetry.api.trace.Tracer;
import java.lang.System.Logger;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import org.embedllm.app.gateway.access.KeyRing;
import org.embedllm.app.gateway.access.Ledger;
import org.embedllm.app.gateway.config.GatewayConfig;
import org.embedllm.app.gateway.config.ListenConfig;
import org.embedllm.app.gateway.config.UpstreamConfig;
import org.embedllm.app.gateway.decide.Conversations;
import org.embedllm.app.gateway.decide.Decider;
import org.embedllm.app.gateway.decide.Decision;
import org.embedllm.app.gateway.decide.Pool;
import org.embedllm.app.gateway.decide.RoutingBrain;
import org.embedllm.app.gateway.observe.Finished;
import org.embedllm.app.gateway.observe.LiveFeed;
import org.embedllm.app.gateway.observe.Metrics;
import org.embedllm.app.gateway.observe.RequestLog;
import org.embedllm.app.gateway.store.DecisionStore;
import org.embedllm.app.gateway.upstream.Dispatcher;
import org.embedllm.app.gateway.upstream.HealthChecks;
import org.embedllm.app.gateway.upstream.Upstream;
import org.embedllm.app.gateway.upstream.UpstreamClient;
import org.embedllm.storage.BadInputException;

/// The gateway: a server in front of upstreams, with a trained model behind it. Configuration and
/// model are replaced while it runs; requests under way end with those they began with.
public final class Gateway implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Gateway.class.getName());
  private static final HeaderName SESSION = HeaderNames.create("x-embedllm-session");

  private static final int MOST_PAST = 20_000;

  private final AtomicReference<Lease<Live>> live = new AtomicReference<>();
  private final AtomicReference<Lease<RoutingBrain>> brain = new AtomicReference<>();
  private final DecisionStore store;
  private final Metrics metrics = new Metrics();
  private final LiveFeed feed;
  private final Cache<String, String> texts =
      Caffeine.newBuilder()
          .maximumWeight(20_000_000)
          .weigher((String id, String text) -> 64 + text.length())
          .executor(Runnable::run)
          .build();
  private final GatewayServer server;
  private final UpstreamClient client;
  private final HealthChecks health;
  private final ScheduledExecutorService chores;
  private final Clock clock;
  private final GatewayConfig started;
  private final long created;
  private volatile boolean stopping;

  /// @param config what stands in the file
  /// @param brain the trained model; closed by the gateway
  /// @param store what it remembers; closed by the gateway
  /// @param tracer for traces; empty where nobody wants them
  /// @param more pages and endpoints of others
  /// @param clock the time of day
  /// @throws BadInputException where it would listen beyond this machine without keys
  public Gateway(
      GatewayConfig config,
      RoutingBrain brain,
      DecisionStore store,
      Optional<Tracer> tracer,
      List<WebRoutes> more,
      Clock clock) {
    requireSafe(config.listen(), config);
    this.clock = clock;
    this.started = config;
    this.created = clock.instant().getEpochSecond();
    this.store = store;
    this.feed = new LiveFeed(clock, config.store().prompts());
    DecisionStore.Past past = store.past(Duration.ofDays(1), MOST_PAST);
    feed.remember(past.decisions(), past.since());
    this.brain.set(new Lease<>(brain, brain::close));
    this.live.set(live(config));
    this.client = new UpstreamClient(tls(), clock);
    this.health = new HealthChecks(client, () -> live.get().value().pool().all());
    this.chores =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("gateway-chores").factory());
    var ledger = new Ledger(clock, store::spent);
    var log = new RequestLog(config.observe().prompts());
    Finished.Observer observer =
        finished -> {
          metrics.finished(finished);
          finished.decision().ifPresent(this::keepText);
          store.finished(finished);
          feed.finished(finished);
          log.finished(finished);
        };
    var tracing = new Tracing(tracer);
    var dispatcher = new Dispatcher(client);
    var chat =
        new CompletionEndpoint(
            "/chat/completions", true, dispatcher, observer, tracing, ledger, clock);
    var plain =
        new CompletionEndpoint("/completions", false, dispatcher, observer, tracing, ledger, clock);
    this.server =
        new GatewayServer(config, live::get, (s, routing) -> paths(s, routing, chat, plain, more));
    gauges();
  }

  /// In memory alone, for feedback that comes soon.
  private void keepText(Decision decision) {
    if (!decision.text().isEmpty()) {
      texts.put(decision.id(), decision.text());
    }
  }

  private static SSLContext tls() {
    try {
      return SSLContext.getDefault();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has a default of TLS", e);
    }
  }

  /// @param listen where it listens, whatever the configuration says meanwhile
  private static void requireSafe(ListenConfig listen, GatewayConfig config) {
    if (!listen.loopback() && config.keys().isEmpty() && !config.listen().withoutKeys()) {
      throw BadInputException.of(
          ("listen %s: others could reach this gateway, and no keys are configured. Make one with"
                  + " \"embedllm serve --new-key NAME\", or set listenWithoutKeys: true")
              .formatted(listen.host()));
    }
  }

  private void paths(
      GatewayServer s,
      HttpRouting.Builder routing,
      CompletionEndpoint chat,
      CompletionEndpoint plain,
      List<WebRoutes> more) {
    var route =
        new RouteEndpoint((caller, decision) -> {
          store.decided(caller, decision);
          feed.decided(caller.name(), decision);
        });
    var feedback = new FeedbackEndpoint(store, metrics, feed, texts);
    s.post(routing, "/v1/chat/completions", chat::handle);
    s.post(routing, "/v1/completions", plain::handle);
    s.post(
        routing,
        "/v1/route",
        (request, response, now, caller, client, guard, body) ->
            GatewayServer.json(response, route.answer(now, caller, session(request), body)));
    s.post(
        routing,
        "/v1/feedback",
        (request, response, now, caller, client, guard, body) ->
            GatewayServer.json(response, feedback.answer(now, caller, body)));
    s.post(
        routing,
        "/v1/embeddings",
        (request, response, now, caller, client, guard, body) ->
            GatewayServer.json(response, EmbeddingsEndpoint.answer(now, caller, body)));
    s.get(
        routing,
        "/v1/models",
        (request, response, now, caller, client, guard, body) ->
            GatewayServer.json(response, ModelsEndpoint.list(now, caller, created)));
    s.get(
        routing,
        "/v1/models/*",
        (request, response, now, caller, client, guard, body) ->
            GatewayServer.json(
                response,
                ModelsEndpoint.one(
                    now, request.path().path().substring("/v1/models/".length()), created)));
    s.get(
        routing,
        "/metrics",
        (request, response, now, caller, client, guard, body) ->
            text(response, "text/plain; version=0.0.4; charset=utf-8", metrics.scrape()));
    s.watchRest(routing);
    s.open(routing, "/openapi.json", (request, response) -> OpenApiEndpoint.answer(response));
    new HealthEndpoints(() -> live.get().value(), store::working, () -> stopping).addTo(s, routing);
    var view = new GatewayView(live::get, feed);
    more.forEach(routes -> routes.addTo(routing, view));
  }

  private static void text(ServerResponse response, String type, String text) {
    response.header(HeaderValues.create(HeaderNames.CONTENT_TYPE, type));
    response.send(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  private static Optional<String> session(ServerRequest request) {
    return request.headers().first(SESSION);
  }

  private void gauges() {
    metrics.gauge("embedllm_requests_active", "requests under way", () -> server.active());
    metrics.gauge("embedllm_connections", "open connections", () -> server.openConnections());
    metrics.gauge("embedllm_store_lost", "decisions that could not be kept", store::lost);
    metrics.gauge(
        "embedllm_upstreams_available",
        "upstreams that would be asked just now",
        () -> live.get().value().pool().all().stream().filter(Upstream::available).count());
  }

  private Lease<Live> live(GatewayConfig config) {
    Lease<RoutingBrain> knows = brain.get();
    if (!knows.hold()) {
      throw new IllegalStateException("the gateway is closed");
    }
    List<Upstream> upstreams = new ArrayList<>();
    for (UpstreamConfig upstream : config.upstreams()) {
      upstreams.add(kept(upstream).orElseGet(() -> new Upstream(upstream)));
    }
    var pool = new Pool(upstreams);
    Conversations conversations =
        Optional.ofNullable(live.get())
            .map(Lease::value)
            .filter(old -> old.config().conversations().equals(config.conversations()))
            .map(Live::conversations)
            .orElseGet(() -> new Conversations(config.conversations(), Ticker.systemTicker()));
    var decider = new Decider(config, pool, knows.value(), conversations, () -> freshId(clock));
    return new Lease<>(
        new Live(config, new KeyRing(config.keys()), pool, knows.value(), decider, conversations),
        knows::release);
  }

  /// An upstream whose configuration has not changed keeps its places and its circuit breaker.
  private Optional<Upstream> kept(UpstreamConfig config) {
    return Optional.ofNullable(live.get())
        .flatMap(old ->
            old.value().pool().all().stream().filter(u -> u.config().equals(config)).findAny());
  }

  /// Ids that follow one another in time: rows of a table are then added at the end of its index.
  private static String freshId(Clock clock) {
    var hex = HexFormat.of();
    return "d-"
        + hex.toHexDigits(clock.millis(), 12)
        + hex.toHexDigits(ThreadLocalRandom.current().nextLong(), 12);
  }

  public void start() {
    server.start();
    var probing = chores.scheduleWithFixedDelay(health::run, 0, 1, TimeUnit.SECONDS);
    var forgetting = chores.scheduleWithFixedDelay(store::forget, 1, 60, TimeUnit.MINUTES);
    if (probing.isDone() || forgetting.isDone()) {
      throw new IllegalStateException("the gateway's chores have died");
    }
  }

  /// The method of each path of the API.
  Map<String, String> methods() {
    return server.methods();
  }

  public int port() {
    return server.port();
  }

  /// The metrics, for others to add to.
  public Metrics metrics() {
    return metrics;
  }

  /// Replaces the configuration for requests to come; what it cannot take over is logged.
  public synchronized void reload(GatewayConfig config) {
    requireSafe(config.listen(), config);
    requireSafe(started.listen(), config);
    List<String> fixed = started.fixedDifferences(config);
    if (!fixed.isEmpty()) {
      LOG.log(
          Logger.Level.WARNING,
          "changed in the configuration, but not before the next start: "
              + String.join(", ", fixed));
    }
    live.getAndSet(live(config)).release();
  }

  /// Replaces the trained model for requests to come.
  public synchronized void reload(RoutingBrain fresh) {
    Lease<RoutingBrain> old = brain.getAndSet(new Lease<>(fresh, fresh::close));
    live.getAndSet(live(live.get().value().config())).release();
    old.release();
  }

  /// Finishes what is under way, then stops.
  @Override
  public void close() {
    stopping = true;
    feed.close();
    server.close();
    chores.shutdownNow();
    client.close();
    store.close();
    live.get().release();
    brain.get().release();
  }
}
