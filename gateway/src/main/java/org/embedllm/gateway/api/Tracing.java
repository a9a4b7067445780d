package org.embedllm.gateway.api;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
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
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.embedllm.gateway.config.UpstreamConfig;
import org.embedllm.gateway.decide.Decision;
import org.embedllm.gateway.observe.CompletedRequest;
import org.embedllm.gateway.observe.FailedAttempt;
import org.embedllm.gateway.upstream.Upstream;

/// OpenTelemetry spans of each completion: one of the whole request, a child of the client's own
/// where it sends `traceparent`; below it `decide` and `upstream`, the latter passed on to the
/// upstream as the parent of its own.
final class Tracing {
  private static final Pattern PARENT =
      Pattern.compile("00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})");

  private static final HeaderName TRACEPARENT = HeaderNames.create("traceparent");

  private final Optional<Tracer> tracer;

  /// @param tracer empty where nothing is traced
  Tracing(Optional<Tracer> tracer) {
    this.tracer = tracer;
  }

  private static String operation(String path) {
    return switch (path) {
      case "/completions" -> "text_completion";
      case "/embeddings" -> "embeddings";
      default -> "chat";
    };
  }

  Request begin(GatewayRequest request, String path) {
    Optional<String> parent = request.header(TRACEPARENT);
    if (tracer.isEmpty()) {
      return new Request(tracer, Optional.empty(), parent, operation(path));
    }
    Span span =
        tracer
            .get()
            .spanBuilder("POST /v1" + path)
            .setSpanKind(SpanKind.SERVER)
            .setParent(parent.map(Tracing::context).orElseGet(Context::root))
            .startSpan();
    return new Request(tracer, Optional.of(span), parent, operation(path));
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
    private final String operation;
    private Optional<Span> upstream = Optional.empty();

    Request(
        Optional<Tracer> tracer, Optional<Span> span, Optional<String> parent, String operation) {
      this.operation = operation;
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
        s.setAttribute("gen_ai.operation.name", operation);
        s.setAttribute("gen_ai.request.model", decision.requested());
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

    /// Who answers, in the words of OpenTelemetry's conventions for generative models.
    void answering(Upstream by) {
      if (span.isEmpty()) {
        return;
      }
      for (Span each : Stream.concat(span.stream(), upstream.stream()).toList()) {
        each.setAttribute("gen_ai.operation.name", operation);
        each.setAttribute("gen_ai.provider.name", by.provider());
      }
      UpstreamConfig config = by.config();
      upstream.ifPresent(s -> {
        s.setAttribute("gen_ai.request.model", config.name());
        s.updateName(operation + " " + config.name());
        s.setAttribute("server.address", config.url().getHost());
        if (config.url().getPort() > 0) {
          s.setAttribute("server.port", config.url().getPort());
        }
      });
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

    void end(CompletedRequest r) {
      CompletedRequest.Answer answer = r.answer();
      String error = answer.error().orElse("");
      upstream.ifPresent(s -> {
        answer.model().ifPresent(m -> s.setAttribute("gen_ai.response.model", m));
        s.setAttribute("embedllm.first_event_ms", r.timing().upstream());
        for (FailedAttempt failed : answer.failed()) {
          s.addEvent(
              "failed",
              Attributes.of(
                  AttributeKey.stringKey("embedllm.upstream"), failed.label(),
                  AttributeKey.stringKey("embedllm.upstream_said"), failed.detail()));
        }
        answer.broken().ifPresent(b -> s.setStatus(StatusCode.ERROR, b.detail()));
        if (answer.status() >= 500 || answer.model().isEmpty()) {
          s.setStatus(StatusCode.ERROR, error);
        }
        s.end();
      });
      span.ifPresent(s -> {
        s.setAttribute("http.response.status_code", answer.status());
        answer.model().ifPresent(m -> s.setAttribute("gen_ai.response.model", m));
        answer.error().ifPresent(e -> s.setAttribute("error.type", e));
        answer
            .usage()
            .ifPresent(u -> {
              s.setAttribute("gen_ai.usage.input_tokens", u.promptTokens());
              s.setAttribute("gen_ai.usage.output_tokens", u.answerTokens());
            });
        s.setAttribute("embedllm.upstream_ms", r.timing().upstream());
        s.setAttribute(
            "embedllm.failed",
            answer.failed().stream().map(FailedAttempt::label).collect(Collectors.joining(",")));
        if (answer.status() >= 500) {
          s.setStatus(StatusCode.ERROR, error);
        }
      });
    }

    @Override
    public void close() {
      span.ifPresent(Span::end);
    }
  }
}
