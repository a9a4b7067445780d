package org.embedllm.app.gateway.api;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.embedllm.app.gateway.decide.Decision;
import org.embedllm.app.gateway.observe.Finished;

/// OpenTelemetry spans of each completion: one of the whole request, a child of the client's own
/// where it sends `traceparent`; below it `decide` and `upstream`, the latter passed on to the
/// upstream as the parent of its own.
final class Tracing {
  private static final Pattern PARENT =
      Pattern.compile("00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})");

  private final Optional<Tracer> tracer;

  /// @param tracer empty where nothing is traced
  Tracing(Optional<Tracer> tracer) {
    this.tracer = tracer;
  }

  Request begin(ServerRequest request, String path) {
    Optional<String> parent = request.headers().first(HeaderNames.create("traceparent"));
    if (tracer.isEmpty()) {
      return new Request(tracer, Optional.empty(), parent);
    }
    Span span =
        tracer
            .get()
            .spanBuilder("POST /v1" + path)
            .setSpanKind(SpanKind.SERVER)
            .setParent(parent.map(Tracing::context).orElseGet(Context::root))
            .startSpan();
    return new Request(tracer, Optional.of(span), parent);
  }

  private static Context context(String parent) {
    Matcher m = PARENT.matcher(parent);
    if (!m.matches()) {
      return Context.root();
    }
    SpanContext remote =
        SpanContext.createFromRemoteParent(
            m.group(1), m.group(2), TraceFlags.fromHex(m.group(3), 0), TraceState.getDefault());
    return Context.root().with(Span.wrap(remote));
  }

  /// The spans of one request.
  static final class Request implements AutoCloseable {
    private final Optional<Tracer> tracer;
    private final Optional<Span> span;
    private final Optional<String> parent;
    private Optional<Span> upstream = Optional.empty();

    Request(Optional<Tracer> tracer, Optional<Span> span, Optional<String> parent) {
      this.tracer = tracer;
      this.span = span;
      this.parent = parent;
    }

    /// Headers that carry the trace to an upstream.
    Map<String, String> headers() {
      Map<String, String> headers = new HashMap<>();
      upstream
          .or(() -> span)
          .map(Span::getSpanContext)
          .filter(SpanContext::isValid)
          .map(c -> "00-" + c.getTraceId() + "-" + c.getSpanId() + "-" + c.getTraceFlags().asHex())
          .or(() -> parent.filter(p -> PARENT.matcher(p).matches()))
          .ifPresent(value -> headers.put("traceparent", value));
      return headers;
    }

    void decided(Decision decision) {
      span.ifPresent(s -> {
        s.setAttribute("embedllm.decision", decision.id());
        s.setAttribute("embedllm.policy", decision.policy().orElse("named"));
      });
      if (span.isPresent() && span.get().isRecording()) {
        long now = Instant.now().toEpochMilli() * 1_000_000;
        long took = decision.encodeNanos() + decision.routeNanos();
        child("decide", SpanKind.INTERNAL, now - took)
            .setAttribute("embedllm.encode_ms", decision.encodeNanos() / 1e6)
            .setAttribute("embedllm.route_ms", decision.routeNanos() / 1e6)
            .end(now, TimeUnit.NANOSECONDS);
        upstream = Optional.of(child("upstream", SpanKind.CLIENT, now));
      }
    }

    private Span child(String name, SpanKind kind, long startNanos) {
      return tracer
          .orElseThrow()
          .spanBuilder(name)
          .setSpanKind(kind)
          .setParent(Context.root().with(span.orElseThrow()))
          .setStartTimestamp(startNanos, TimeUnit.NANOSECONDS)
          .startSpan();
    }

    void end(Finished finished) {
      upstream.ifPresent(s -> {
        finished.answeredBy().ifPresent(m -> s.setAttribute("gen_ai.response.model", m));
        s.setAttribute("embedllm.first_event_ms", finished.upstreamNanos() / 1e6);
        for (String failed : finished.failed()) {
          s.addEvent("failed", Attributes.of(AttributeKey.stringKey("embedllm.upstream"), failed));
        }
        if (finished.status() >= 500 || finished.answeredBy().isEmpty()) {
          s.setStatus(StatusCode.ERROR, finished.error().orElse(""));
        }
        s.end();
      });
      span.ifPresent(s -> {
        s.setAttribute("http.response.status_code", finished.status());
        finished.answeredBy().ifPresent(m -> s.setAttribute("gen_ai.response.model", m));
        finished.decision().ifPresent(d -> s.setAttribute("gen_ai.request.model", d.requested()));
        finished
            .usage()
            .ifPresent(u -> {
              s.setAttribute("gen_ai.usage.input_tokens", u.promptTokens());
              s.setAttribute("gen_ai.usage.output_tokens", u.answerTokens());
            });
        s.setAttribute("embedllm.upstream_ms", finished.upstreamNanos() / 1e6);
        s.setAttribute("embedllm.failed", String.join(",", finished.failed()));
        if (finished.status() >= 500) {
          s.setStatus(StatusCode.ERROR, finished.error().orElse(""));
        }
      });
    }

    @Override
    public void close() {
      span.ifPresent(Span::end);
    }
  }
}
