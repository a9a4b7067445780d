package org.embedllm.gateway.api;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.helidon.webserver.http.HttpRouting;
import io.opentelemetry.api.trace.Tracer;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.embedllm.gateway.access.KeyRing;
import org.embedllm.gateway.access.Ledger;
import org.embedllm.gateway.cache.ResponseCache;
import org.embedllm.gateway.config.GatewayConfig;
import org.embedllm.gateway.config.KeyConfig;
import org.embedllm.gateway.config.ListenConfig;
import org.embedllm.gateway.config.UpstreamConfig;
import org.embedllm.gateway.decide.Conversations;
import org.embedllm.gateway.decide.Decider;
import org.embedllm.gateway.decide.DecisionException;
import org.embedllm.gateway.decide.PromptForecaster;
import org.embedllm.gateway.decide.Upstreams;
import org.embedllm.gateway.observe.CompletedRequest;
import org.embedllm.gateway.observe.LiveFeed;
import org.embedllm.gateway.observe.Metrics;
import org.embedllm.gateway.observe.RequestLog;
import org.embedllm.gateway.pacing.BudgetPacing;
import org.embedllm.gateway.rollout.Rollout;
import org.embedllm.gateway.rollout.RolloutState;
import org.embedllm.gateway.shadow.Comparison;
import org.embedllm.gateway.shadow.Shadow;
import org.embedllm.gateway.store.DecisionStore;
import org.embedllm.gateway.upstream.Dispatcher;
import org.embedllm.gateway.upstream.HealthChecks;
import org.embedllm.gateway.upstream.Upstream;
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

  private final AtomicReference<RefCounted<GatewaySnapshot>> live = new AtomicReference<>();
  private final AtomicReference<RefCounted<PromptForecaster>> forecaster = new AtomicReference<>();
  private final DecisionStore store;
  private final Metrics metrics = new Metrics();
  private final LiveFeed feed;
  private final Cache<String, RoutedText> texts =
      Caffeine.newBuilder()
          .maximumWeight(20_000_000)
          .weigher((String id, RoutedText routed) -> 64 + routed.text().length())
          .executor(Runnable::run)
          .build();
  private final Ledger ledger;
  private final GatewayServer server;
  private final UpstreamClient client;
  private final HealthChecks health;
  private final Shadow shadow;
  private final ScheduledExecutorService scheduler;
  private final Clock clock;
  private final GatewayConfig started;
  private final long created;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile List<KeyConfig> stored;
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
    this.stored = storedKeys(store, List.of());
    requireSafe(config.listen(), config.withKeys(stored));
    this.started = config;
    this.created = clock.instant().getEpochSecond();
    this.store = store;
    this.feed = new LiveFeed(clock, config.store().prompts());
    DecisionStore.Past past = store.past(Duration.ofDays(1), MOST_PAST);
    feed.remember(past.decisions(), past.since());
    this.forecaster.set(new RefCounted<>(forecaster, forecaster::close));
    this.ledger = new Ledger(clock, store::spent, store.usage());
    this.live.set(live(config));
    this.client = new UpstreamClient(tls(), clock);
    this.health = new HealthChecks(client, () -> live.get().value().upstreams().all());
    this.scheduler =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("gateway-scheduler").factory());
    var gauges = new GatewayMetrics(metrics, () -> live.get().value());
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
    this.shadow = new Shadow(dispatcher, this::compared, clock);
    var completions =
        new Completions(dispatcher, listeners, store, tracing, metrics, shadow, clock);
    this.server =
        new GatewayServer(
            config, live::get, (s, routing) -> paths(s, routing, completions, gauges, more));
    gauges.register(server, store::lost, shadow::spentToday);
  }

  /// In memory alone, for feedback that comes soon.
  private void keepText(CompletedRequest request, CompletedRequest.Choice choice) {
    if (!choice.text().isEmpty()) {
      String model = request.answer().model().orElse(choice.model());
      texts.put(choice.id(), new RoutedText(choice.text(), model, request.request().caller()));
    }
  }

  /// Two answers were compared: both scores go to the store, and to the vectors where they learn.
  private void compared(Comparison comparison, String text) {
    RefCounted<GatewaySnapshot> now = live.get();
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
    GatewaySnapshot now = live.get().value();
    now.rolloutState()
        .completed(
            choice.id(),
            choice.assignment().arm(),
            request.answer().status() >= 500,
            request.cost(),
            request.timing().total(),
            now.config().rollout().guards());
  }

  /// What logs say of a request beside its own fields: metadata of its key, groups of its model.
  private Map<String, String> labels(CompletedRequest request) {
    GatewaySnapshot now = live.get().value();
    var labels = new TreeMap<String, String>();
    request
        .request()
        .caller()
        .flatMap(now.keys()::find)
        .ifPresent(
            key -> key.metadata().forEach((name, value) -> labels.put("key." + name, value)));
    List<String> groups = request.answer().model().map(now.config()::groupsOf).orElse(List.of());
    if (!groups.isEmpty()) {
      labels.put("modelGroups", String.join(",", groups));
    }
    return labels;
  }

  /// @param known what is known where the database does not answer
  private static List<KeyConfig> storedKeys(DecisionStore store, List<KeyConfig> known) {
    try {
      return store.keys().all().stream().flatMap(key -> key.keys().stream()).toList();
    } catch (DecisionStore.StoreUnavailable e) {
      return known;
    } catch (BadInputException e) {
      LOG.error("the store has a key that cannot be read: {}", e.getMessage());
      return known;
    }
  }

  /// Takes over keys that were changed in the store, by this gateway or another program.
  private synchronized void refreshKeys() {
    List<KeyConfig> now = storedKeys(store, stored);
    if (!now.equals(stored)) {
      stored = now;
      live.getAndSet(live(live.get().value().file())).release();
    }
  }

  private static SSLContext tls() {
    try {
      return SSLContext.getDefault();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has a default of TLS", e);
    }
  }

  /// @param listen its address, also after a reload
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
      Completions completions,
      GatewayMetrics gauges,
      List<WebRoutes> more) {
    CompletedRequest.Listener decided =
        request -> {
          store.completed(request);
          feed.completed(request);
        };
    var route = new RouteEndpoint(decided, clock);
    var keys = new KeysEndpoint(store.keys(), this::refreshKeys, clock);
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
    new HealthEndpoints(() -> live.get().value(), store::working, () -> stopping).addTo(s, routing);
    var view = new GatewayView(live::get, feed, store, shadow::spentToday);
    more.forEach(routes -> routes.addTo(routing, view));
  }

  private static String named(GatewayRequest request) {
    return request.path().substring("/v1/models/".length());
  }

  private RefCounted<GatewaySnapshot> live(GatewayConfig config) {
    RefCounted<PromptForecaster> knows = forecaster.get();
    if (!knows.hold()) {
      throw new IllegalStateException("the gateway is closed");
    }
    List<Upstream> servers = new ArrayList<>();
    for (UpstreamConfig upstream : config.upstreams()) {
      servers.add(kept(upstream).orElseGet(() -> new Upstream(upstream)));
    }
    var upstreams = new Upstreams(servers);
    Conversations conversations =
        Optional.ofNullable(live.get())
            .map(RefCounted::value)
            .filter(old -> old.config().conversations().equals(config.conversations()))
            .map(GatewaySnapshot::conversations)
            .orElseGet(() -> new Conversations(config.conversations(), Ticker.systemTicker()));
    GatewayConfig all = config.withKeys(stored);
    var keys = new KeyRing(all.keys(), clock);
    RolloutState rolloutState =
        Optional.ofNullable(live.get())
            .map(RefCounted::value)
            .filter(old -> old.config().rollout().equals(config.rollout()))
            .map(GatewaySnapshot::rolloutState)
            .orElseGet(() -> new RolloutState(clock));
    var rollout =
        new Rollout(
            config.rollout(),
            knows.value().bestSingle(upstreams.models()),
            rolloutState,
            () -> ThreadLocalRandom.current().nextDouble());
    Optional<BudgetPacing> pacing = pacing(config);
    var decider =
        new Decider(
            config, upstreams, knows.value(), conversations, pacing, rollout, () -> freshId(clock));
    return new RefCounted<>(
        new GatewaySnapshot(
            config,
            all,
            keys,
            ledger,
            cache(config),
            upstreams,
            knows.value(),
            decider,
            conversations,
            rolloutState,
            pacing),
        knows::release);
  }

  /// What is known of today's spending stays when the ceiling changes.
  private Optional<BudgetPacing> pacing(GatewayConfig config) {
    if (config.pacing() == Double.POSITIVE_INFINITY) {
      return Optional.empty();
    }
    return Optional.ofNullable(live.get())
        .flatMap(old -> old.value().pacing())
        .or(() -> Optional.of(new BudgetPacing(clock, store.lastWeek())));
  }

  /// A changed configuration begins with an empty cache: other models may answer now.
  private Optional<ResponseCache> cache(GatewayConfig file) {
    return Optional.ofNullable(live.get())
        .map(RefCounted::value)
        .filter(old -> old.file().equals(file))
        .map(GatewaySnapshot::cache)
        .orElseGet(() -> file.cache().map(c -> new ResponseCache(c, Ticker.systemTicker())));
  }

  /// An upstream whose configuration has not changed keeps its places and its circuit breaker.
  private Optional<Upstream> kept(UpstreamConfig config) {
    return Optional.ofNullable(live.get())
        .flatMap(old ->
            old.value().upstreams().all().stream()
                .filter(u -> u.config().equals(config))
                .findAny());
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
    var probing = scheduler.scheduleWithFixedDelay(health::run, 0, 1, TimeUnit.SECONDS);
    var forgetting = scheduler.scheduleWithFixedDelay(store::forget, 1, 60, TimeUnit.MINUTES);
    var returning = scheduler.scheduleWithFixedDelay(store::probe, 5, 5, TimeUnit.SECONDS);
    var keys = scheduler.scheduleWithFixedDelay(this::refreshKeys, 5, 5, TimeUnit.SECONDS);
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
  public synchronized void reload(GatewayConfig config) {
    requireSafe(config.listen(), config.withKeys(stored));
    requireSafe(started.listen(), config.withKeys(stored));
    List<String> fixed = started.fixedDifferences(config);
    if (!fixed.isEmpty()) {
      LOG.warn(
          "changed in the configuration, but not before the next start: "
              + String.join(", ", fixed));
    }
    live.getAndSet(live(config)).release();
  }

  /// Replaces the trained model for requests to come.
  public synchronized void reload(PromptForecaster fresh) {
    RefCounted<PromptForecaster> old = forecaster.getAndSet(new RefCounted<>(fresh, fresh::close));
    live.getAndSet(live(live.get().value().file())).release();
    old.release();
  }

  /// Finishes what is under way, then stops.
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    stopping = true;
    server.drain(live.get().value().config().limits());
    feed.close();
    server.close();
    scheduler.shutdownNow();
    shadow.close();
    client.close();
    ledger.close();
    store.close();
    live.get().release();
    forecaster.get().release();
  }
}
