package org.embedllm.gateway.api;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.embedllm.gateway.access.Client;
import org.embedllm.gateway.config.GatewayConfig;
import org.embedllm.gateway.config.Limits;
import org.embedllm.gateway.config.ListenConfig;
import org.embedllm.gateway.decide.DecisionException;
import org.embedllm.gateway.openai.ApiError;
import org.embedllm.gateway.openai.ApiException;
import org.embedllm.gateway.server.BodyBudget;
import org.embedllm.gateway.server.BodyReader;
import org.embedllm.gateway.server.ClientConnection;
import org.embedllm.gateway.server.ClientConnections;
import org.embedllm.gateway.server.HttpResponses;
import org.embedllm.gateway.server.HttpRules;
import org.embedllm.gateway.server.ProtocolErrors;
import org.embedllm.gateway.server.WebServers;
import org.embedllm.gateway.upstream.CallGuard;
import org.embedllm.gateway.upstream.CallGuard.ClientGone;
import org.embedllm.storage.DidYouMean;
import org.embedllm.storage.RefCounted;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The paths of the gateway: who may ask, what a path takes, and what fails.
final class GatewayServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GatewayServer.class);

  /// Before the connections are cut, for the events that say so.
  private static final Duration LAST_WORDS = Duration.ofMillis(500);

  private static final HeaderName API_KEY = HeaderNames.create("x-api-key");

  private final WebServer server;
  private final ClientConnections connections;
  private final ScheduledExecutorService timer;
  private final Supplier<RefCounted<GatewaySnapshot>> live;
  private final BodyReader bodies;
  private final BodyBudget budget = new BodyBudget();
  private final ListenConfig listen;
  private final AtomicInteger active = new AtomicInteger();
  private final Map<String, String> methods = new TreeMap<>();

  /// @param config in force at the start; what concerns listening cannot change later
  /// @param live what requests work with at the moment
  /// @param paths adds the endpoints
  GatewayServer(
      GatewayConfig config,
      Supplier<RefCounted<GatewaySnapshot>> live,
      BiConsumer<GatewayServer, HttpRouting.Builder> paths) {
    this.live = live;
    Limits limits = config.limits();
    var errors = new ProtocolErrors(limits);
    this.bodies = new BodyReader(errors);
    this.listen = config.listen();
    this.connections =
        new ClientConnections(
            Http1ConnectionSelector.builder()
                .config(
                    Http1Config.builder()
                        .maxHeadersSize(limits.maxHeaderBytes())
                        .maxPrologueLength(Math.min(8 << 10, limits.maxHeaderBytes()))
                        .build())
                .build(),
            () -> live.get().value().config().limits());
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("gateway-watch").factory());
    HttpRouting.Builder routing = HttpRouting.builder();
    routing.addFilter(new HttpRules(() -> live.get().value().config(), listen));
    routing.error(
        ApiException.class,
        (request, response, e) -> HttpResponses.send(request, response, e.error()));
    routing.error(
        DecisionException.class,
        (request, response, e) ->
            HttpResponses.send(request, response, DecisionErrors.toApi(e).error()));
    routing.error(RuntimeException.class, GatewayServer::broken);
    paths.accept(this, routing);
    routing.any(this::nowhere);
    this.server = WebServers.server(config, routing, connections, errors);
  }

  void start() {
    WebServers.requireFree(listen);
    var watching = connections.watch(timer);
    server.start();
    if (!server.isRunning()) {
      throw WebServers.unusable(listen, "the log says why");
    }
    if (watching.isDone()) {
      throw new IllegalStateException("the connections' watch has died");
    }
  }

  int port() {
    return server.port();
  }

  /// Requests under way.
  int active() {
    return active.get();
  }

  /// Open connections.
  int openConnections() {
    return connections.count();
  }

  /// Goes on serving for a while, so that load balancers notice that it stops, and has streams that
  /// take too long end in time with an event that says so.
  void drain(Limits limits) {
    try {
      Thread.sleep(limits.drain());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    long left = Math.max(0, limits.gracePeriod().minus(LAST_WORDS).toMillis());
    var ending = timer.schedule(connections::stop, left, TimeUnit.MILLISECONDS);
    if (ending.isCancelled()) {
      throw new IllegalStateException("the connections' watch has ended");
    }
  }

  /// Waits for running requests, up to the configured time.
  @Override
  public void close() {
    server.stop();
    timer.shutdownNow();
  }

  /// Serves a request with a body: who, how much, and by whom.
  void post(HttpRouting.Builder routing, String path, GatewayRequest.Handler handler) {
    routing.post(path, (request, response) -> guarded(request, response, handler, true));
    known(routing, path, "POST");
  }

  /// Serves a request for which one needs a key as well.
  void get(HttpRouting.Builder routing, String path, GatewayRequest.Handler handler) {
    Handler guarded = (request, response) -> guarded(request, response, handler, false);
    routing.get(path, guarded);
    routing.route(Method.HEAD, path, guarded);
    known(routing, path, "GET, HEAD");
  }

  /// Serves both, at one path.
  void getAndPost(
      HttpRouting.Builder routing,
      String path,
      GatewayRequest.Handler get,
      GatewayRequest.Handler post) {
    Handler guarded = (request, response) -> guarded(request, response, get, false);
    routing.get(path, guarded);
    routing.route(Method.HEAD, path, guarded);
    routing.post(path, (request, response) -> guarded(request, response, post, true));
    known(routing, path, "GET, HEAD, POST");
  }

  /// Serves a request for which nobody needs a key; after [#watchRest].
  void open(HttpRouting.Builder routing, String path, Handler handler) {
    routing.get(path, handler);
    routing.route(Method.HEAD, path, handler);
    known(routing, path, "GET, HEAD");
  }

  private void known(HttpRouting.Builder routing, String path, String method) {
    methods.put(path, method);
    routing.any(path, (request, response) -> wrongMethod(request, response, method));
  }

  /// The method of each path of the API; a last `*` matches anything.
  Map<String, String> methods() {
    return Collections.unmodifiableMap(methods);
  }

  private void nowhere(ServerRequest request, ServerResponse response) {
    String path = request.path().path();
    HttpResponses.send(
        request,
        response,
        new ApiError(
            404,
            "invalid_request_error",
            Optional.of("not_found"),
            Optional.empty(),
            "there is nothing at %s %s.%s"
                .formatted(
                    request.prologue().method().text(),
                    path,
                    DidYouMean.hint(path, methods.keySet())),
            Optional.empty()));
  }

  private static void wrongMethod(ServerRequest request, ServerResponse response, String allowed) {
    response.header(HeaderNames.ALLOW, allowed);
    HttpResponses.send(
        request,
        response,
        new ApiError(
            405,
            "invalid_request_error",
            Optional.of("method_not_allowed"),
            Optional.empty(),
            "%s takes %s, not %s"
                .formatted(request.path().path(), allowed, request.prologue().method().text()),
            Optional.empty()));
  }

  /// Watches the connections of requests for whatever is added from now on, which the server itself
  /// would take for requests that trickle in.
  void watchRest(HttpRouting.Builder routing) {
    routing.any((request, response) -> {
      ClientConnection connection = connections.current();
      if (connection.begin().isClientGone()) {
        throw gone();
      }
      if (!request.content().hasEntity()) {
        connection.bodyRead();
      }
      response.whenSent(connection::end);
      response.next();
    });
  }

  private void guarded(
      ServerRequest request,
      ServerResponse response,
      GatewayRequest.Handler handler,
      boolean withBody) {
    ClientConnection connection = connections.current();
    CallGuard guard = connection.begin();
    RefCounted<GatewaySnapshot> shared = RefCounted.held(live);
    int now = active.incrementAndGet();
    var reserved = new BodyBudget.Reservation(budget);
    try {
      GatewaySnapshot held = shared.value();
      if (now > held.config().limits().maxConcurrentRequests()) {
        throw ApiException.tooMany(
            "gateway_busy", "the gateway serves as many requests as it may", Duration.ofSeconds(1));
      }
      Client client = held.keys().authenticate(authorization(request));
      byte[] body = withBody ? bodies.read(request, held.config().limits(), reserved) : new byte[0];
      connection.bodyRead();
      handler.handle(new GatewayRequest(request, response, held, client, connection, guard, body));
    } catch (BodyReader.Broken e) {
      // What is left of it is no beginning of another request.
      response.header(HeaderValues.CONNECTION_CLOSE);
      HttpResponses.send(request, response, e.error());
      throw new CloseConnectionException("after a broken body", e);
    } catch (ClientGone e) {
      throw gone();
    } finally {
      active.decrementAndGet();
      reserved.close();
      connection.end();
      shared.release();
    }
  }

  /// A key, as OpenAI's clients send it, or as Anthropic's do.
  static Optional<String> authorization(ServerRequest request) {
    return request
        .headers()
        .first(HeaderNames.AUTHORIZATION)
        .or(() -> request.headers().first(API_KEY).map(key -> "Bearer " + key));
  }

  private static CloseConnectionException gone() {
    return new CloseConnectionException("the client has gone");
  }

  private static void broken(ServerRequest request, ServerResponse response, RuntimeException e) {
    if (e instanceof UncheckedIOException) {
      throw e;
    }
    LOG.error("request failed: " + request.path().path(), e);
    HttpResponses.send(
        request,
        response,
        new ApiError(
            500,
            "server_error",
            Optional.of("internal_error"),
            Optional.empty(),
            "the gateway failed at this request; its log says why",
            Optional.empty()));
  }
}
