package org.embedllm.gateway.upstream;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.message.BasicHeader;
import org.apache.hc.core5.util.Timeout;
import org.embedllm.gateway.config.UpstreamConfig;
import org.embedllm.gateway.openai.RequestBody;
import org.embedllm.gateway.openai.Usage;
import org.embedllm.gateway.upstream.CallGuard.ClientGone;
import org.embedllm.gateway.upstream.UpstreamFailure.Kind;

/// Speaks HTTP to upstreams and tells answers from failures.
public final class UpstreamClient implements AutoCloseable {
  private static final int MOST_BYTES = 64 << 20;
  private static final int MOST_ERROR_BYTES = 1 << 20;

  /// What OpenAI, vLLM, llama.cpp, text-generation-inference and others write in lower case.
  private static final List<String> TOO_LONG =
      List.of(
          "context_length_exceeded",
          "context length",
          "context size",
          "context_size",
          "context window",
          "prompt is too long",
          "max_new_tokens` must be");

  private static final ContentType JSON = ContentType.create("application/json");
  private static final Header ACCEPT_JSON = new BasicHeader(HttpHeaders.ACCEPT, JSON.getMimeType());
  private static final Header ACCEPT_EVENTS =
      new BasicHeader(HttpHeaders.ACCEPT, ContentType.TEXT_EVENT_STREAM.getMimeType());

  private final UpstreamConnections connections;
  private final Clock clock;

  /// @param tls with which upstreams' certificates are checked
  /// @param clock for `Retry-After` dates
  public UpstreamClient(SSLContext tls, Clock clock) {
    this.connections = new UpstreamConnections(tls);
    this.clock = clock;
  }

  /// One attempt at one upstream.
  ///
  /// @param deadline `System.nanoTime()` by which the answer must have begun
  Answer send(Upstream upstream, Call call, CallGuard guard, long deadline)
      throws UpstreamFailure, ClientGone {
    long now = System.nanoTime();
    UpstreamConfig.Timeouts timeouts = upstream.config().timeouts();
    long end = now + timeouts.total().toNanos();
    if (call.body().stream()) {
      long firstBy = Math.min(deadline, now + timeouts.firstByte().toNanos());
      return stream(upstream, call, guard, firstBy, end);
    }
    long wholeBy = Math.min(deadline, now + timeouts.response().toNanos());
    return whole(upstream, call, guard, Math.min(wholeBy, end));
  }

  private static HttpUriRequestBase request(Upstream upstream, Call call) {
    RequestBody body = call.body();
    UpstreamConfig config = upstream.config();
    var request = new HttpPost(upstream.target().uri(call.path()));
    request.addHeader(body.stream() ? ACCEPT_EVENTS : ACCEPT_JSON);
    upstream.target().headers().forEach(request::setHeader);
    call.headers().forEach(request::setHeader);
    request.setEntity(
        new ByteArrayEntity(body.forUpstream(config.name(), config.streamUsage()), JSON));
    return request;
  }

  private Answer whole(Upstream upstream, Call call, CallGuard guard, long by)
      throws UpstreamFailure, ClientGone {
    HttpUriRequestBase request = request(upstream, call);
    try {
      Exchange exchange = waiting(guard, by, () -> connections.open(upstream.target(), request));
      byte[] body = waiting(guard, by, () -> exchange.bytes(MOST_BYTES));
      return exchange.status() / 100 == 2 ? answer(body) : refused(exchange, body);
    } finally {
      // Where the body was read to its end, its connection is no longer this request's.
      request.cancel();
    }
  }

  private static Answer answer(byte[] body) throws UpstreamFailure {
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

  private Answer stream(Upstream upstream, Call call, CallGuard guard, long firstBy, long end)
      throws UpstreamFailure, ClientGone {
    HttpUriRequestBase request = request(upstream, call);
    boolean keep = false;
    try {
      Exchange exchange =
          waiting(guard, firstBy, () -> connections.open(upstream.target(), request));
      if (exchange.status() / 100 != 2) {
        return refused(exchange, waiting(guard, firstBy, () -> exchange.bytes(MOST_ERROR_BYTES)));
      }
      String type = exchange.header(HttpHeaders.CONTENT_TYPE).orElse("");
      if (!type.toLowerCase(Locale.ROOT).startsWith("text/event-stream")) {
        throw new UpstreamFailure(Kind.MALFORMED, "it answered a stream with " + type);
      }
      var stream =
          new EventStream(exchange, guard, firstBy, upstream.config().timeouts().idle(), end);
      keep = true;
      return new Answer.Events(stream);
    } finally {
      if (!keep) {
        request.cancel();
      }
    }
  }

  /// Something that takes its time.
  private interface Waiting<T> {
    T call() throws IOException;
  }

  /// Waits for the upstream, as long as the guard lets it.
  private static <T> T waiting(CallGuard guard, long by, Waiting<T> work)
      throws UpstreamFailure, ClientGone {
    Optional<IOException> failed;
    guard.arm(by);
    try {
      return work.call();
    } catch (IOException e) {
      failed = Optional.of(e);
    } finally {
      guard.disarm();
    }
    throw guard.timedOut()
        ? new UpstreamFailure(Kind.TIMEOUT, "it did not answer in time")
        : new UpstreamFailure(
            Kind.CONNECTION,
            isConnect(failed.get())
                ? "no connection"
                : "the connection broke: " + failed.get().getMessage());
  }

  private static boolean isConnect(IOException e) {
    return e instanceof ConnectException
        || e instanceof ConnectTimeoutException
        || e instanceof UnknownHostException;
  }

  /// Tells the client's fault from the upstream's.
  private Answer refused(Exchange exchange, byte[] body) throws UpstreamFailure {
    int status = exchange.status();
    Optional<Duration> retryAfter = retryAfter(exchange);
    if (status == 429) {
      throw new UpstreamFailure(Kind.RATE_LIMITED, "it answered 429", retryAfter);
    }
    if (status >= 500 || status == 408 || status == 409 || status == 425) {
      throw new UpstreamFailure(Kind.SERVER_ERROR, "it answered " + status, retryAfter);
    }
    if (status >= 401 && status <= 404) {
      throw new UpstreamFailure(
          Kind.MISCONFIGURED,
          "it answered " + status + ": check its url, name and key, and what its account may");
    }
    if (status == 413 || ((status == 400 || status == 422) && saysTooLong(body))) {
      throw new UpstreamFailure(Kind.TOO_LONG, "the prompt is too long for it");
    }
    if (status < 400 || Usage.read(body).isEmpty()) {
      throw new UpstreamFailure(Kind.MALFORMED, "it answered " + status + " without JSON");
    }
    return new Answer.Refused(status, body);
  }

  private static boolean saysTooLong(byte[] body) {
    String text = new String(body, StandardCharsets.UTF_8).toLowerCase(Locale.ROOT);
    return TOO_LONG.stream().anyMatch(text::contains);
  }

  /// `retry-after-ms`, as some send beside it, is finer.
  private Optional<Duration> retryAfter(Exchange exchange) {
    return exchange
        .header("retry-after-ms")
        .flatMap(value -> wait(value, 1))
        .or(() ->
            exchange
                .header(HttpHeaders.RETRY_AFTER)
                .flatMap(value -> wait(value, 1000).or(() -> retryDate(value))));
  }

  /// At most an hour; empty where the text is no number.
  private static Optional<Duration> wait(String text, int unitMillis) {
    try {
      double millis = Double.parseDouble(text.strip()) * unitMillis;
      return Optional.of(Duration.ofMillis((long) Math.clamp(millis, 0, 3_600_000)));
    } catch (NumberFormatException e) {
      return Optional.empty();
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

  /// The status with which an upstream answers a probe; 0 where it does not.
  int probe(Upstream upstream, Duration patience) {
    var request = new HttpGet(upstream.target().uri(upstream.config().health().path()));
    upstream.target().headers().forEach(request::setHeader);
    request.setHeader(HttpHeaders.CONNECTION, "close");
    request.setConfig(
        RequestConfig.custom()
            .setProtocolUpgradeEnabled(false)
            .setAuthenticationEnabled(false)
            .setResponseTimeout(Timeout.of(patience))
            .build());
    try (Exchange exchange = connections.open(upstream.target(), request)) {
      return exchange.status();
    } catch (IOException e) {
      return 0;
    }
  }

  /// Closes connections that nobody has used for a while; called every second or so.
  void tidy() {
    connections.tidy();
  }

  @Override
  public void close() {
    connections.close();
  }
}
