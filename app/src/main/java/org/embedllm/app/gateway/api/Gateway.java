package org.embedllm.app.gateway.api;

import com.github.benmanes.caffeine.cache.Ticker;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import java.net.http.HttpClient;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.embedllm.app.gateway.access.KeyRing;
import org.embedllm.app.gateway.config.GatewayConfig;
import org.embedllm.app.gateway.config.Nearest;
import org.embedllm.app.gateway.config.UpstreamConfig;
import org.embedllm.app.gateway.decide.Conversations;
import org.embedllm.app.gateway.decide.Decider;
import org.embedllm.app.gateway.decide.Pool;
import org.embedllm.app.gateway.decide.RoutingBrain;
import org.embedllm.app.gateway.observe.Finished;
import org.embedllm.app.gateway.upstream.Dispatcher;
import org.embedllm.app.gateway.upstream.Upstream;
import org.embedllm.app.gateway.upstream.UpstreamClient;

/// The gateway: a server in front of upstreams, with a trained model behind it. Configuration and
/// model are replaced while it runs; requests under way end with those they began with.
public final class Gateway implements AutoCloseable {
  private static final HeaderName SESSION = HeaderNames.create("x-embedllm-session");

  private final AtomicReference<Lease<Live>> live = new AtomicReference<>();
  private final AtomicReference<Lease<RoutingBrain>> brain = new AtomicReference<>();
  private final GatewayServer server;
  private final long created;

  /// @param config what stands in the file
  /// @param brain the trained model; closed by the gateway
  /// @param more pages and endpoints of others
  /// @param clock the time of day
  public Gateway(GatewayConfig config, RoutingBrain brain, List<WebRoutes> more, Clock clock) {
    this.created = clock.instant().getEpochSecond();
    this.brain.set(new Lease<>(brain, brain::close));
    this.live.set(live(config));
    var client =
        new UpstreamClient(
            connect ->
                HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(connect)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .executor(Executors.newVirtualThreadPerTaskExecutor())
                    .build(),
            clock);
    var dispatcher = new Dispatcher(client);
    Finished.Observer observer = finished -> {};
    var tracing = new Tracing(Optional.empty());
    var chat =
        new CompletionEndpoint("/chat/completions", true, dispatcher, observer, tracing, clock);
    var plain = new CompletionEndpoint("/completions", false, dispatcher, observer, tracing, clock);
    var route = new RouteEndpoint((caller, decision) -> {});
    this.server =
        new GatewayServer(
            config, live::get, (s, routing) -> paths(s, routing, chat, plain, route, more));
  }

  private void paths(
      GatewayServer s,
      HttpRouting.Builder routing,
      CompletionEndpoint chat,
      CompletionEndpoint plain,
      RouteEndpoint route,
      List<WebRoutes> more) {
    s.post(routing, "/v1/chat/completions", chat::handle);
    s.post(routing, "/v1/completions", plain::handle);
    s.post(
        routing,
        "/v1/route",
        (request, response, now, caller, client, guard, body) ->
            GatewayServer.json(response, route.answer(now, caller, session(request), body)));
    s.post(
        routing,
        "/v1/embeddings",
        (request, response, now, caller, client, guard, body) ->
            GatewayServer.json(response, EmbeddingsEndpoint.answer(now, caller, body)));
    s.get(
        routing,
        "/v1/models",
        (request, response, now, caller, client, guard, body) ->
            GatewayServer.json(response, ModelsEndpoint.list(now, created)));
    s.get(
        routing,
        "/v1/models/*",
        (request, response, now, caller, client, guard, body) ->
            GatewayServer.json(
                response,
                ModelsEndpoint.one(
                    now, request.path().path().substring("/v1/models/".length()), created)));
    GatewayServer.addAll(routing, more);
  }

  private static Optional<String> session(ServerRequest request) {
    return request.headers().first(SESSION);
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
    var conversations = new Conversations(config.conversations(), Ticker.systemTicker());
    var decider = new Decider(config, pool, knows.value(), conversations, Gateway::freshId);
    return new Lease<>(
        new Live(config, new KeyRing(config.keys()), pool, knows.value(), decider), knows::release);
  }

  /// An upstream whose configuration has not changed keeps its places and its circuit breaker.
  private Optional<Upstream> kept(UpstreamConfig config) {
    return Optional.ofNullable(live.get())
        .flatMap(old ->
            old.value().pool().all().stream().filter(u -> u.config().equals(config)).findAny());
  }

  private static String freshId() {
    var random = ThreadLocalRandom.current();
    return "d-"
        + HexFormat.of().toHexDigits(random.nextLong())
        + HexFormat.of().toHexDigits(random.nextInt());
  }

  /// What a reader of the log should know about a configuration beside the model: upstreams that
  /// cannot be routed to, and how to change that.
  public static List<String> remarks(GatewayConfig config, RoutingBrain brain, String modelFile) {
    var remarks = new ArrayList<String>();
    for (UpstreamConfig upstream : config.upstreams()) {
      if (!brain.models().contains(upstream.model())) {
        remarks.add(
            ("upstream \"%s\" has no vector in %s: it answers to its name, but is never chosen.%s"
                    + " Give it one with: embedllm plan %s --budget 100, then embedllm add %s"
                    + " RESPONSES --to MODEL2")
                .formatted(
                    upstream.model(),
                    modelFile,
                    Nearest.hint(upstream.model(), brain.models()),
                    modelFile,
                    modelFile));
      }
    }
    var offered = config.upstreams().stream().map(UpstreamConfig::model).toList();
    long left = brain.models().stream().filter(m -> !offered.contains(m)).count();
    if (left > 0) {
      remarks.add(
          "%d of MODEL's %d models have no upstream".formatted(left, brain.models().size()));
    }
    return remarks;
  }

  public void start() {
    server.start();
  }

  public int port() {
    return server.port();
  }

  /// Replaces the configuration for requests to come.
  public void reload(GatewayConfig config) {
    live.getAndSet(live(config)).release();
  }

  /// Replaces the trained model for requests to come.
  public void reload(RoutingBrain fresh) {
    Lease<RoutingBrain> old = brain.getAndSet(new Lease<>(fresh, fresh::close));
    reload(live.get().value().config());
    old.release();
  }

  /// Finishes what is under way, then stops.
  @Override
  public void close() {
    server.close();
    live.get().release();
    brain.get().release();
  }
}
