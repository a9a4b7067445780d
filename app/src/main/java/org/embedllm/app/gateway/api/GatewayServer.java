package org.embedllm.app.gateway.api;

import io.helidon.common.buffers.DataReader.InsufficientDataAvailableException;
import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.common.tls.Tls;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.RequestException;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ErrorHandling;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.embedllm.app.gateway.access.Caller;
import org.embedllm.app.gateway.config.GatewayConfig;
import org.embedllm.app.gateway.config.Limits;
import org.embedllm.app.gateway.config.ListenConfig;
import org.embedllm.app.gateway.config.Nearest;
import org.embedllm.app.gateway.openai.ApiError;
import org.embedllm.app.gateway.openai.ApiException;
import org.embedllm.app.gateway.openai.Json;
import org.embedllm.app.gateway.upstream.CallGuard;
import org.embedllm.storage.BadInputException;
import tools.jackson.databind.JsonNode;

/// The HTTP server of the gateway: connections, limits, errors in OpenAI's shape, and the paths.
final class GatewayServer implements AutoCloseable {
  private static final Logger LOG = System.getLogger(GatewayServer.class.getName());

  private static final Duration IDLE_CHECK = Duration.ofSeconds(10);

  private final WebServer server;
  private final ClientConnections connections;
  private final ScheduledExecutorService timer;
  private final Supplier<Lease<Live>> live;
  private final ProtocolErrors errors;
  private final ListenConfig listen;
  private final AtomicInteger active = new AtomicInteger();
  private final Map<String, String> methods = new TreeMap<>();

  /// What answers a request with a body.
  @FunctionalInterface
  interface BodyHandler {
    void handle(
        ServerRequest request,
        ServerResponse response,
        Live live,
        Caller caller,
        ClientConnection client,
        CallGuard guard,
        byte[] body);
  }

  /// @param config in force at the start; what concerns listening cannot change later
  /// @param live what requests work with at the moment
  /// @param paths adds the endpoints
  GatewayServer(
      GatewayConfig config,
      Supplier<Lease<Live>> live,
      BiConsumer<GatewayServer, HttpRouting.Builder> paths) {
    this.live = live;
    Limits limits = config.limits();
    this.errors = new ProtocolErrors(limits);
    this.listen = config.listen();
    this.connections =
        new ClientConnections(
            Http1ConnectionSelector.builder()
                .config(
                    Http1Config.builder()
                        .maxHeadersSize(limits.headerBytes())
                        .maxPrologueLength(Math.min(8 << 10, limits.headerBytes()))
                        .build())
                .build(),
            () -> live.get().value().config().limits());
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("gateway-watch").factory());
    HttpRouting.Builder routing = HttpRouting.builder();
    routing.error(ApiException.class, (request, response, e) -> send(response, e.error()));
    routing.error(RuntimeException.class, GatewayServer::broken);
    paths.accept(this, routing);
    routing.any(this::nowhere);
    this.server = webServer(config, routing);
  }

  private WebServer webServer(GatewayConfig config, HttpRouting.Builder routing) {
    ListenConfig listen = config.listen();
    Limits limits = config.limits();
    WebServerConfig.Builder builder =
        WebServer.builder()
            .host(listen.host())
            .port(listen.port())
            .protocolsDiscoverServices(false)
            .featuresDiscoverServices(false)
            .addConnectionSelector(connections)
            .maxPayloadSize(limits.requestBytes())
            .maxTcpConnections(limits.connections())
            .concurrencyLimit(FixedLimit.create(l -> l.permits(0)))
            .idleConnectionTimeout(limits.idle())
            .idleConnectionPeriod(sooner(limits.idle()))
            .shutdownGracePeriod(limits.shutdown())
            .shutdownHook(false)
            .backlog(1_024)
            .errorHandling(ErrorHandling.builder().includeEntity(true).build())
            .directHandlers(errors.everywhere())
            .routing(routing);
    listen.tls().ifPresent(tls -> builder.tls(tls(tls)).useNio(false));
    return builder.build();
  }

  /// The web server would only log it, and go on without listening.
  private static void requireFree(ListenConfig listen) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(listen.host(), listen.port()));
    } catch (IOException e) {
      throw unusable(listen, String.valueOf(e.getMessage()));
    }
  }

  private static BadInputException unusable(ListenConfig listen, String why) {
    return BadInputException.of(
        "listen %s:%d cannot be used: %s".formatted(listen.host(), listen.port(), why));
  }

  /// How often idle connections are looked for.
  private static Duration sooner(Duration idle) {
    Duration half = idle.dividedBy(2);
    return half.compareTo(IDLE_CHECK) < 0 ? half : IDLE_CHECK;
  }

  private static Tls tls(ListenConfig.Tls files) {
    return Tls.builder().sslContext(PemContext.read(files.certificate(), files.key())).build();
  }

  void start() {
    requireFree(listen);
    var watching = connections.watch(timer);
    server.start();
    if (!server.isRunning()) {
      throw unusable(listen, "the log says why");
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

  /// Waits for what is under way, up to the configured time.
  @Override
  public void close() {
    server.stop();
    timer.shutdownNow();
  }

  /// Serves a request with a body: who, how much, and by whom.
  void post(HttpRouting.Builder routing, String path, BodyHandler handler) {
    routing.post(path, (request, response) -> guarded(request, response, handler, true));
    known(routing, path, "POST");
  }

  /// Serves a request for which one needs a key as well.
  void get(HttpRouting.Builder routing, String path, BodyHandler handler) {
    routing.get(path, (request, response) -> guarded(request, response, handler, false));
    known(routing, path, "GET");
  }

  /// Serves a request for which nobody needs a key; after [#watchRest].
  void open(HttpRouting.Builder routing, String path, Handler handler) {
    routing.get(path, handler);
    known(routing, path, "GET");
  }

  private void known(HttpRouting.Builder routing, String path, String method) {
    methods.put(path, method);
    routing.any(path, (request, response) -> wrongMethod(request, response, method));
  }

  /// The method of each path of the API; a last `*` stands for anything.
  Map<String, String> methods() {
    return Collections.unmodifiableMap(methods);
  }

  private void nowhere(ServerRequest request, ServerResponse response) {
    String path = request.path().path();
    send(
        response,
        new ApiError(
            404,
            "invalid_request_error",
            Optional.of("not_found"),
            Optional.empty(),
            "there is nothing at %s %s.%s"
                .formatted(
                    request.prologue().method().text(), path, Nearest.hint(path, methods.keySet())),
            Optional.empty()));
  }

  private static void wrongMethod(ServerRequest request, ServerResponse response, String allowed) {
    response.header(HeaderNames.ALLOW, allowed);
    send(
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
      ClientConnection client = connections.current();
      if (client.begin().isClientGone()) {
        throw new ClientLeft();
      }
      if (!request.content().hasEntity()) {
        client.bodyRead();
      }
      response.whenSent(client::end);
      response.next();
    });
  }

  private void guarded(
      ServerRequest request, ServerResponse response, BodyHandler handler, boolean withBody) {
    ClientConnection client = connections.current();
    CallGuard guard = client.begin();
    Lease<Live> lease = Lease.held(live);
    int now = active.incrementAndGet();
    try {
      Live held = lease.value();
      if (now > held.config().limits().concurrent()) {
        throw ApiException.tooMany(
            "gateway_busy", "the gateway serves as many requests as it may", Duration.ofSeconds(1));
      }
      Caller caller = held.keys().authenticate(request.headers().first(HeaderNames.AUTHORIZATION));
      byte[] body = withBody ? body(request, held.config().limits().requestBytes()) : new byte[0];
      client.bodyRead();
      handler.handle(request, response, held, caller, client, guard, body);
    } catch (BrokenBody e) {
      // What is left of it is no beginning of another request.
      response.header(HeaderValues.CONNECTION_CLOSE);
      send(response, e.error);
      throw new CloseConnectionException("after a broken body", e);
    } finally {
      active.decrementAndGet();
      client.end();
      lease.release();
    }
  }

  // The stream is not closed: that would read on in a body which is of no use any more.
  @SuppressWarnings("MustBeClosedChecker")
  private byte[] body(ServerRequest request, long most) {
    long length = request.headers().contentLength().orElse(-1);
    if (length > most) {
      throw tooLarge(most);
    }
    if (!request.content().hasEntity()) {
      return new byte[0];
    }
    InputStream in = request.content().inputStream();
    try {
      if (length >= 0) {
        return in.readNBytes((int) length);
      }
      var out = new ByteArrayOutputStream();
      byte[] buffer = new byte[16 << 10];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        out.write(buffer, 0, n);
        if (out.size() > most) {
          throw new BrokenBody(tooLarge(most).error());
        }
      }
      return out.toByteArray();
    } catch (RequestException e) {
      throw new BrokenBody(errors.error(e.status()));
    } catch (InsufficientDataAvailableException e) {
      throw new ClientLeft();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A body that cannot be read to its end.
  private static final class BrokenBody extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient ApiError error;

    BrokenBody(ApiError error) {
      super(error.message(), null, false, false);
      this.error = error;
    }
  }

  private static ApiException tooLarge(long most) {
    return ApiException.of(
        413,
        "invalid_request_error",
        "request_too_large",
        "a request has at most %,d bytes".formatted(most));
  }

  static void json(ServerResponse response, JsonNode body) {
    response.header(HeaderValues.CONTENT_TYPE_JSON);
    response.send(Json.bytes(body));
  }

  static void send(ServerResponse response, ApiError error) {
    response.status(error.status());
    error
        .retryAfter()
        .ifPresent(wait ->
            response.header(
                HeaderNames.RETRY_AFTER,
                Long.toString(Math.max(1, (wait.toMillis() + 999) / 1000))));
    if (error.status() == 401) {
      response.header(HeaderNames.WWW_AUTHENTICATE, "Bearer");
    }
    json(response, error.json());
  }

  private static void broken(ServerRequest request, ServerResponse response, RuntimeException e) {
    if (e instanceof UncheckedIOException) {
      throw e;
    }
    LOG.log(Logger.Level.ERROR, "request failed: " + request.path().path(), e);
    send(
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
