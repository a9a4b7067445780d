package org.embedllm.app.gateway.upstream;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.embedllm.app.gateway.config.UpstreamConfig;
import org.embedllm.app.gateway.openai.RequestBody;
import org.embedllm.app.gateway.openai.Usage;
import org.embedllm.app.gateway.upstream.CallGuard.ClientGone;
import org.embedllm.app.gateway.upstream.UpstreamFailure.Kind;

/// Speaks HTTP to upstreams and tells answers from failures.
public final class UpstreamClient {
  private static final long MOST_BYTES = 64L << 20;

  private final Function<Duration, HttpClient> clients;
  private final Map<Duration, HttpClient> byConnectTimeout = new ConcurrentHashMap<>();
  private final Clock clock;

  /// @param clients makes a client with the given time to connect
  /// @param clock for `Retry-After` dates
  public UpstreamClient(Function<Duration, HttpClient> clients, Clock clock) {
    this.clients = clients;
    this.clock = clock;
  }

  /// One attempt at one upstream.
  ///
  /// @param deadline `System.nanoTime()` by which the answer must have begun
  Answer send(UpstreamConfig upstream, Call call, CallGuard guard, long deadline)
      throws UpstreamFailure, ClientGone {
    long now = System.nanoTime();
    UpstreamConfig.Timeouts timeouts = upstream.timeouts();
    long firstBy = Math.min(deadline, now + timeouts.firstByte().toNanos());
    long end = now + timeouts.total().toNanos();
    HttpRequest request = request(upstream, call);
    return call.body().stream()
        ? stream(upstream, request, guard, firstBy, end)
        : whole(upstream, request, guard, firstBy, Math.min(end, deadline));
  }

  private HttpRequest request(UpstreamConfig upstream, Call call) {
    RequestBody body = call.body();
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(upstream.url() + call.path()))
            .header("content-type", "application/json")
            .header("accept", body.stream() ? "text/event-stream" : "application/json")
            .POST(
                HttpRequest.BodyPublishers.ofByteArray(
                    body.forUpstream(upstream.name(), upstream.streamUsage())));
    upstream.key().ifPresent(key -> builder.header("authorization", "Bearer " + key.value()));
    upstream.headers().forEach(builder::setHeader);
    call.headers().forEach(builder::setHeader);
    return builder.build();
  }

  private HttpClient client(UpstreamConfig upstream) {
    return byConnectTimeout.computeIfAbsent(upstream.timeouts().connect(), clients);
  }

  private Answer whole(
      UpstreamConfig upstream, HttpRequest request, CallGuard guard, long firstBy, long end)
      throws UpstreamFailure, ClientGone {
    HttpResponse<byte[]> response =
        exchange(
            upstream,
            request,
            HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), MOST_BYTES),
            guard,
            Math.min(firstBy, end));
    byte[] body = response.body();
    if (response.statusCode() / 100 != 2) {
      return refused(response.statusCode(), response.headers(), body);
    }
    Optional<Usage.Answer> answer = Usage.read(body);
    if (answer.isEmpty()) {
      throw new UpstreamFailure(Kind.MALFORMED, "its answer is not a JSON object");
    }
    if (answer.get().error()) {
      throw new UpstreamFailure(Kind.SERVER_ERROR, "its answer is an error with status 200");
    }
    if (answer.get().choices() < 0) {
      throw new UpstreamFailure(Kind.MALFORMED, "its answer has no choices");
    }
    return new Answer.Whole(body, answer.get().usage());
  }

  private Answer stream(
      UpstreamConfig upstream, HttpRequest request, CallGuard guard, long firstBy, long end)
      throws UpstreamFailure, ClientGone {
    HttpResponse<InputStream> response =
        exchange(upstream, request, HttpResponse.BodyHandlers.ofInputStream(), guard, firstBy);
    InputStream in = response.body();
    boolean keep = false;
    try {
      if (response.statusCode() / 100 != 2) {
        return refused(response.statusCode(), response.headers(), readSome(in, guard, firstBy));
      }
      String type = response.headers().firstValue("content-type").orElse("");
      if (!type.toLowerCase(Locale.ROOT).startsWith("text/event-stream")) {
        throw new UpstreamFailure(Kind.MALFORMED, "it answered a stream with " + type);
      }
      var stream = new EventStream(in, guard, firstBy, upstream.timeouts().idle(), end);
      keep = true;
      return new Answer.Events(stream);
    } finally {
      if (!keep) {
        closeQuietly(in);
      }
    }
  }

  private <T> HttpResponse<T> exchange(
      UpstreamConfig upstream,
      HttpRequest request,
      HttpResponse.BodyHandler<T> handler,
      CallGuard guard,
      long by)
      throws UpstreamFailure, ClientGone {
    Optional<HttpResponse<T>> response = Optional.empty();
    Optional<Exception> failed = Optional.empty();
    guard.arm(by);
    try {
      response = Optional.of(client(upstream).send(request, handler));
    } catch (IOException | InterruptedException e) {
      failed = Optional.of(e);
    } finally {
      guard.disarm();
    }
    if (response.isPresent()) {
      return response.get();
    }
    Exception e = failed.orElseThrow();
    if (guard.timedOut() || (e instanceof HttpTimeoutException && !isConnect(e))) {
      throw new UpstreamFailure(Kind.TIMEOUT, "it did not answer in time");
    }
    if (e instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    throw new UpstreamFailure(
        Kind.CONNECTION,
        isConnect(e) ? "no connection" : "the connection broke: " + e.getMessage());
  }

  private static boolean isConnect(Exception e) {
    return e instanceof ConnectException || e instanceof java.net.http.HttpConnectTimeoutException;
  }

  private static byte[] readSome(InputStream in, CallGuard guard, long by) throws ClientGone {
    guard.arm(by);
    try {
      return in.readNBytes(1 << 20);
    } catch (IOException e) {
      return new byte[0];
    } finally {
      guard.disarm();
    }
  }

  private static void closeQuietly(InputStream in) {
    try {
      in.close();
    } catch (IOException e) {
      // It is closed all the same: nobody reads it any more.
      return;
    }
  }

  /// Tells the client's fault from the upstream's.
  private Answer refused(int status, HttpHeaders headers, byte[] body) throws UpstreamFailure {
    Optional<Duration> retryAfter = headers.firstValue("retry-after").flatMap(this::retryAfter);
    if (status == 429) {
      throw new UpstreamFailure(Kind.RATE_LIMITED, "it answered 429", retryAfter);
    }
    if (status >= 500 || status == 408) {
      throw new UpstreamFailure(Kind.SERVER_ERROR, "it answered " + status, retryAfter);
    }
    if (status == 401 || status == 403 || status == 404) {
      throw new UpstreamFailure(
          Kind.MISCONFIGURED, "it answered " + status + ": check its url, name and key");
    }
    if (status == 413 || (status == 400 && saysTooLong(body))) {
      throw new UpstreamFailure(Kind.TOO_LONG, "the prompt is too long for it");
    }
    if (status < 400 || Usage.read(body).isEmpty()) {
      throw new UpstreamFailure(Kind.MALFORMED, "it answered " + status + " without JSON");
    }
    return new Answer.Refused(status, body);
  }

  private static boolean saysTooLong(byte[] body) {
    String text = new String(body, java.nio.charset.StandardCharsets.UTF_8);
    return text.contains("context_length_exceeded") || text.contains("maximum context length");
  }

  private Optional<Duration> retryAfter(String value) {
    try {
      return Optional.of(
          Duration.ofMillis(
              (long) (1000 * Math.clamp(Double.parseDouble(value.strip()), 0, 3600))));
    } catch (NumberFormatException e) {
      return retryDate(value);
    }
  }

  private Optional<Duration> retryDate(String value) {
    try {
      Instant then = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Duration left = Duration.between(clock.instant(), then);
      return Optional.of(left.isNegative() ? Duration.ZERO : left);
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /// Whether the upstream answers a probe with anything but a server error.
  boolean probe(UpstreamConfig upstream, Duration patience) throws InterruptedException {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(upstream.url() + upstream.health().path()))
            .timeout(patience)
            .GET();
    upstream.key().ifPresent(key -> builder.header("authorization", "Bearer " + key.value()));
    upstream.headers().forEach(builder::setHeader);
    try {
      return client(upstream)
              .send(builder.build(), HttpResponse.BodyHandlers.discarding())
              .statusCode()
          < 500;
    } catch (IOException e) {
      return false;
    }
  }
}
