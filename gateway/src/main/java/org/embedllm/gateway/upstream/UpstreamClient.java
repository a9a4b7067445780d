package org.embedllm.gateway.upstream;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
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
import org.embedllm.gateway.openai.AnswerChunks;
import org.embedllm.gateway.openai.Api;
import org.embedllm.gateway.openai.ApiException;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.gateway.openai.GatheredAnswer;
import org.embedllm.gateway.openai.Usage;
import org.embedllm.gateway.upstream.CallGuard.ClientGone;
import org.embedllm.gateway.upstream.UpstreamFailure.Kind;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Calls upstreams over HTTP and distinguishes answers from failures.
public final class UpstreamClient implements AutoCloseable {
  private static final int MOST_BYTES = 64 << 20;
  private static final int MOST_ERROR_BYTES = 1 << 20;

  private static final ContentType JSON = ContentType.create("application/json");
  private static final Header ACCEPT_JSON = new BasicHeader(HttpHeaders.ACCEPT, JSON.getMimeType());
  private static final Header ACCEPT_EVENTS =
      new BasicHeader(HttpHeaders.ACCEPT, ContentType.TEXT_EVENT_STREAM.getMimeType());

  private static final Header PLAIN = new BasicHeader(HttpHeaders.ACCEPT_ENCODING, "identity");

  /// An account without money is asked again after this.
  private static final Duration NO_QUOTA_PAUSE = Duration.ofMinutes(1);

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

  private static HttpUriRequestBase request(Upstream upstream, Call call, Call.Form form) {
    var request = new HttpPost(upstream.target().uri(form.path()));
    request.addHeader(call.body().stream() ? ACCEPT_EVENTS : ACCEPT_JSON);
    request.addHeader(PLAIN);
    upstream.target().headers().forEach(request::setHeader);
    call.headers().forEach(request::setHeader);
    request.setEntity(new ByteArrayEntity(form.body(), JSON));
    return request;
  }

  /// @throws UpstreamFailure where the upstream's API cannot express the request
  private static Call.Form form(Upstream upstream, Call call) throws UpstreamFailure {
    try {
      return call.formFor(upstream);
    } catch (ApiException e) {
      throw UpstreamFailure.said(Kind.UNSUPPORTED, "it was not asked", UpstreamError.of(e.error()));
    }
  }

  private Answer whole(Upstream upstream, Call call, CallGuard guard, long by)
      throws UpstreamFailure, ClientGone {
    Call.Form form = form(upstream, call);
    HttpUriRequestBase request = request(upstream, call, form);
    try {
      Exchange exchange = waiting(guard, by, () -> connections.open(upstream.target(), request));
      byte[] body = waiting(guard, by, () -> exchange.bytes(MOST_BYTES));
      return exchange.status() / 100 == 2
          ? answer(upstream, form, body)
          : refused(upstream, call, exchange, object(body));
    } finally {
      // Where the body was read to its end, its connection is no longer this request's.
      request.cancel();
    }
  }

  private static Answer.Whole answer(Upstream upstream, Call.Form form, byte[] body)
      throws UpstreamFailure {
    if (GatheredAnswer.isEvents(body)) {
      return answer(upstream, form.asChat(), gathered(form, body));
    }
    byte[] chat = chat(form, body);
    Optional<Usage.Answer> answer = Usage.read(chat);
    if (answer.isEmpty()) {
      throw new UpstreamFailure(Kind.MALFORMED, "its answer is not a JSON object");
    }
    if (answer.get().error()) {
      throw UpstreamFailure.said(
          Kind.SERVER_ERROR,
          "its answer is an error with status 200",
          UpstreamError.of(body, upstream.secrets()));
    }
    if (answer.get().choices() < 0 && upstream.config().api() != Api.EMBEDDINGS) {
      throw new UpstreamFailure(Kind.MALFORMED, "its answer has no choices");
    }
    byte[] sent = form.unchanged() ? body : chat;
    return new Answer.Whole(sent, chat, answer.get().usage(), form.unchanged());
  }

  /// A stream that was not asked for, as the answer that says the same.
  private static byte[] gathered(Call.Form form, byte[] body) throws UpstreamFailure {
    try {
      return GatheredAnswer.of(body, form.protocol())
          .orElseThrow(() -> new UpstreamFailure(Kind.MALFORMED, "the stream broke off"));
    } catch (IOException | JacksonException e) {
      throw new UpstreamFailure(Kind.MALFORMED, "an event is not JSON");
    }
  }

  private static byte[] chat(Call.Form form, byte[] body) throws UpstreamFailure {
    try {
      return form.protocol().map(p -> p.whole(body)).orElse(body);
    } catch (JacksonException e) {
      throw new UpstreamFailure(Kind.MALFORMED, "its answer is not JSON");
    }
  }

  private Answer stream(Upstream upstream, Call call, CallGuard guard, long firstBy, long end)
      throws UpstreamFailure, ClientGone {
    Call.Form form = form(upstream, call);
    HttpUriRequestBase request = request(upstream, call, form);
    boolean keep = false;
    try {
      Exchange exchange =
          waiting(guard, firstBy, () -> connections.open(upstream.target(), request));
      if (exchange.status() / 100 != 2) {
        byte[] body = waiting(guard, firstBy, () -> exchange.bytes(MOST_ERROR_BYTES));
        return refused(upstream, call, exchange, object(body));
      }
      var pushback = waiting(guard, firstBy, () -> peeked(exchange.body()));
      InputStream in = pushback;
      if (startsAsJson(pushback)) {
        byte[] body = waiting(guard, firstBy, () -> pushback.readNBytes(MOST_BYTES));
        byte[] chat = answer(upstream, form.translated(), body).body();
        form = form.asChat();
        in = new ByteArrayInputStream(AnswerChunks.of(chat));
      }
      var stream = new EventStream(upstream, exchange, in, form, guard, firstBy, end);
      keep = true;
      return new Answer.Events(stream);
    } finally {
      if (!keep) {
        request.cancel();
      }
    }
  }

  /// Waits for the first byte, and leaves it to be read.
  private static PushbackInputStream peeked(InputStream in) throws IOException {
    var pushback = new PushbackInputStream(in, 1);
    int first = pushback.read();
    if (first >= 0) {
      pushback.unread(first);
    }
    return pushback;
  }

  private static boolean startsAsJson(PushbackInputStream in) throws UpstreamFailure {
    try {
      int first = in.read();
      if (first >= 0) {
        in.unread(first);
      }
      return first == '{';
    } catch (IOException e) {
      throw new UpstreamFailure(Kind.MALFORMED, "the stream broke: " + e.getMessage());
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
    if (guard.isStopped()) {
      throw new UpstreamFailure(Kind.STOPPED, "the gateway stops");
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

  /// An error's object, out of the array in which Gemini puts it.
  private static byte[] object(byte[] body) {
    try {
      JsonNode root = ChatJson.mapper().readTree(body);
      return root.isArray() && root.path(0).isObject() ? ChatJson.bytes(root.get(0)) : body;
    } catch (JacksonException e) {
      return body;
    }
  }

  /// Distinguishes the client's errors from the upstream's.
  private Answer refused(Upstream upstream, Call call, Exchange exchange, byte[] body)
      throws UpstreamFailure {
    int status = exchange.status();
    Optional<Duration> retryAfter = retryAfter(exchange);
    UpstreamError said = UpstreamError.of(body, upstream.secrets());
    String what = "it answered " + status;
    if (status >= 400 && said.isQuota()) {
      throw UpstreamFailure.said(Kind.NO_QUOTA, what, said, Optional.of(NO_QUOTA_PAUSE));
    }
    if (status == 429) {
      throw UpstreamFailure.said(Kind.RATE_LIMITED, what, said, retryAfter);
    }
    if (status >= 500 || status == 408 || status == 409 || status == 425) {
      throw UpstreamFailure.said(Kind.SERVER_ERROR, what, said, retryAfter);
    }
    if (status >= 401 && status <= 404) {
      throw UpstreamFailure.said(
          Kind.MISCONFIGURED, what + ": check its url, name and key, and its account", said);
    }
    boolean request = status == 400 || status == 422;
    if (status == 413 || (request && said.isTooLong())) {
      throw UpstreamFailure.said(Kind.TOO_LONG, "the prompt is too long for it", said);
    }
    if (status < 400 || Usage.read(body).isEmpty()) {
      throw new UpstreamFailure(Kind.MALFORMED, what + " without JSON");
    }
    if (request && said.isUnsupported()) {
      upstream.refuses(said, call.body());
      throw UpstreamFailure.said(Kind.UNSUPPORTED, what, said);
    }
    return new Answer.Refused(status, body, said);
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
  public int probe(Upstream upstream, Duration patience) {
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

  /// Closes connections that are idle for long; called about every second.
  void tidy() {
    connections.tidy();
  }

  @Override
  public void close() {
    connections.close();
  }
}
