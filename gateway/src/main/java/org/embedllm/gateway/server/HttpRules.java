package org.embedllm.gateway.server;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.embedllm.gateway.config.GatewayConfig;
import org.embedllm.gateway.config.ListenConfig;
import org.embedllm.gateway.openai.ApiError;
import org.embedllm.gateway.openai.ApiException;

/// What holds for requests to every path: who may ask from a browser, the answer's id, and when the
/// connection is closed.
public final class HttpRules implements Filter {
  static final HeaderName REQUEST_ID = HeaderNames.create("x-request-id");
  private static final HeaderName FETCH_SITE = HeaderNames.create("Sec-Fetch-Site");
  private static final HeaderName FETCH_MODE = HeaderNames.create("Sec-Fetch-Mode");
  private static final HeaderName PREFLIGHT = HeaderNames.create("Access-Control-Request-Method");
  private static final HeaderName ASKED_HEADERS =
      HeaderNames.create("Access-Control-Request-Headers");
  private static final String EXPOSED =
      "x-request-id, retry-after, x-embedllm-model, x-embedllm-decision, x-embedllm-probability,"
          + " x-embedllm-policy, x-embedllm-reason, x-embedllm-attempts, x-embedllm-cache, age";
  private static final int MOST_ID_CHARACTERS = 128;

  private final Supplier<GatewayConfig> config;
  private final ListenConfig listen;
  private final boolean loopback;

  /// @param config in force at the moment
  /// @param listen where it listens
  public HttpRules(Supplier<GatewayConfig> config, ListenConfig listen) {
    this.config = config;
    this.listen = listen;
    this.loopback = listen.loopback();
  }

  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    GatewayConfig now = config.get();
    boolean close =
        header(request, HeaderNames.CONNECTION).filter(c -> hasToken(c, "close")).isPresent();
    if (close) {
      response.header(HeaderValues.CONNECTION_CLOSE);
    }
    response.header(REQUEST_ID, id(header(request, REQUEST_ID)));
    Optional<String> origin = header(request, HeaderNames.ORIGIN).filter(now.cors()::allows);
    origin.ifPresent(o -> allow(response, o));
    Optional<ApiError> refused = refused(request, now);
    if (refused.isPresent()) {
      HttpResponses.send(request, response, refused.get());
    } else if (origin.isPresent()
        && request.prologue().method().equals(Method.OPTIONS)
        && header(request, PREFLIGHT).isPresent()) {
      preflight(request, response);
    } else {
      chain.proceed();
    }
    if (close) {
      throw new CloseConnectionException("as the client has asked for");
    }
  }

  private static Optional<String> header(RoutingRequest request, HeaderName name) {
    return request.headers().first(name);
  }

  private static boolean hasToken(String list, String token) {
    for (String each : list.split(",")) {
      if (each.strip().equalsIgnoreCase(token)) {
        return true;
      }
    }
    return false;
  }

  /// The client's own id of the request, where it is one, or a fresh one.
  static String id(Optional<String> own) {
    return own.filter(id -> id.length() <= MOST_ID_CHARACTERS)
        .filter(id -> id.chars().allMatch(c -> c > ' ' && c < 127))
        .orElseGet(HttpRules::freshId);
  }

  /// An id that need not be secret: a secure generator would be asked for each request, by one
  /// thread at a time.
  private static String freshId() {
    var random = ThreadLocalRandom.current();
    return "req-" + new UUID(random.nextLong(), random.nextLong());
  }

  private Optional<ApiError> refused(RoutingRequest request, GatewayConfig now) {
    boolean guarded = loopback && now.keys().isEmpty();
    if (!guarded || request.path().path().equals("/healthz")) {
      return Optional.empty();
    }
    boolean navigation =
        request.prologue().method().equals(Method.GET)
            && header(request, FETCH_MODE).filter("navigate"::equals).isPresent();
    var source =
        new CrossSitePolicy.Source(
            header(request, HeaderNames.HOST),
            header(request, HeaderNames.ORIGIN),
            header(request, FETCH_SITE),
            navigation);
    return CrossSitePolicy.refusal(source, listen.host(), now.cors())
        .map(why ->
            ApiException.of(403, "invalid_request_error", "cross_site_request", why).error());
  }

  private static void allow(RoutingResponse response, String origin) {
    response.header(HeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    response.header(HeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    response.header(HeaderNames.VARY, "Origin");
  }

  private static void preflight(RoutingRequest request, RoutingResponse response) {
    response.header(HeaderNames.ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, POST, OPTIONS");
    response.header(
        HeaderNames.ACCESS_CONTROL_ALLOW_HEADERS,
        header(request, ASKED_HEADERS).orElse("authorization, content-type"));
    response.header(HeaderNames.ACCESS_CONTROL_MAX_AGE, "600");
    response.status(204);
    response.send();
  }
}
