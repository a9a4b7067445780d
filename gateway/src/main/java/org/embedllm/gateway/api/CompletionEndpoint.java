package org.embedllm.gateway.api;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.embedllm.gateway.cache.CachedAnswer;
import org.embedllm.gateway.config.UpstreamConfig;
import org.embedllm.gateway.decide.Decision;
import org.embedllm.gateway.decide.DecisionException;
import org.embedllm.gateway.observe.CompletedRequest;
import org.embedllm.gateway.observe.LiveAnswers;
import org.embedllm.gateway.observe.Metrics;
import org.embedllm.gateway.openai.AnswerFormat;
import org.embedllm.gateway.openai.ApiException;
import org.embedllm.gateway.openai.ChatFormat;
import org.embedllm.gateway.openai.ClientProtocol;
import org.embedllm.gateway.openai.RequestBody;
import org.embedllm.gateway.openai.Usage;
import org.embedllm.gateway.rollout.Assignment.Arm;
import org.embedllm.gateway.server.EventWriter;
import org.embedllm.gateway.shadow.AnswerCapture;
import org.embedllm.gateway.shadow.Shadow;
import org.embedllm.gateway.upstream.Call;
import org.embedllm.gateway.upstream.CallGuard.ClientGone;
import org.embedllm.gateway.upstream.Dispatcher;
import org.embedllm.gateway.upstream.Dispatcher.AllFailed;
import org.embedllm.gateway.upstream.Dispatcher.Dispatched;
import org.embedllm.gateway.upstream.Upstream;

/// The endpoints that ask a model, of any protocol: `POST /v1/chat/completions` and others.
final class CompletionEndpoint {
  /// Which features a client of Anthropic's wants.
  static final HeaderName BETA = HeaderNames.create("anthropic-beta");

  private final String path;
  private final String required;
  private final Optional<ClientProtocol> protocol;
  private final Dispatcher dispatcher;
  private final CompletedRequest.Listener listener;
  private final Tracing tracing;
  private final Metrics metrics;
  private final Shadow shadow;
  private final LiveAnswers answers;
  private final Clock clock;

  /// @param path below an upstream's base URL
  /// @param required the field without which it is no request: `messages`, `prompt` or `input`
  /// @param protocol of the clients, where it is another than the upstreams'
  CompletionEndpoint(
      String path,
      String required,
      Optional<ClientProtocol> protocol,
      Dispatcher dispatcher,
      CompletedRequest.Listener listener,
      Tracing tracing,
      Metrics metrics,
      Shadow shadow,
      LiveAnswers answers,
      Clock clock) {
    this.path = path;
    this.required = required;
    this.protocol = protocol;
    this.dispatcher = dispatcher;
    this.listener = listener;
    this.tracing = tracing;
    this.metrics = metrics;
    this.shadow = shadow;
    this.answers = answers;
    this.clock = clock;
  }

  void handle(GatewayRequest request) throws ClientGone {
    var progress = new RequestProgress(request.client(), clock.instant());
    try (Tracing.Request trace = tracing.begin(request, path)) {
      try {
        serve(request, progress, trace);
      } catch (ClientGone | UncheckedIOException e) {
        progress.failed(499, "client_gone");
        throw new ClientGone();
      } catch (DecisionException e) {
        ApiException told = DecisionErrors.toApi(e);
        progress.failed(told.error());
        throw told;
      } catch (ApiException e) {
        progress.failed(e.error());
        throw e;
      } catch (RuntimeException e) {
        progress.failed(500, "internal_error");
        throw e;
      } finally {
        request.connection().events(Optional.empty());
        CompletedRequest completed = progress.completed();
        trace.end(completed);
        progress.reserved.ifPresent(r ->
            r.settle(completed.cost(), completed.answer().usage().map(Usage::total).orElse(0L)));
        progress.paced.ifPresent(call -> call.end(completed.cost()));
        listener.completed(completed);
      }
    }
  }

  private Asked asked(GatewayRequest request) {
    if (protocol.isPresent()) {
      ClientProtocol.Translated translated =
          protocol.get().translate(request.body(), request.context().scope());
      return new Asked(
          RequestBody.parseTranslated(translated),
          translated.format(),
          Optional.of(translated.original()));
    }
    RequestBody body = RequestBody.parse(request.body());
    if (!body.fields().contains(required)) {
      throw ApiException.badRequest(
          "missing_required_parameter",
          required,
          "\"" + required + "\" is missing from the request");
    }
    return new Asked(body, new ChatFormat(body.asksForUsage()), Optional.empty());
  }

  private void serve(GatewayRequest request, RequestProgress progress, Tracing.Request trace)
      throws ClientGone {
    GatewaySnapshot live = request.snapshot();
    Asked asked = asked(request);
    RequestBody body = asked.body();
    progress.streamed = body.stream();
    live.ledger().admit(request.client());
    var writer =
        new EventWriter(
            request.response(), request.connection(), live.config().limits().keepAlive());
    CacheUse cache = CacheUse.of(request, body, clock);
    Optional<CachedAnswer> known = cache.found(metrics);
    if (known.isPresent()) {
      progress.repeated(known.get().model());
      AnswerFormat format = asked.format(known.get().unchanged(), () -> Optional.of(0.0));
      cache.repeat(known.get(), body.stream(), format, writer);
      live.decider().answered(body, request.context(), known.get().model());
      return;
    }
    ask(request, asked, cache, writer, progress, trace);
  }

  private void ask(
      GatewayRequest request,
      Asked asked,
      CacheUse cache,
      EventWriter writer,
      RequestProgress progress,
      Tracing.Request trace)
      throws ClientGone {
    GatewaySnapshot live = request.snapshot();
    RequestBody body = asked.body();
    Decision decision = live.decider().decide(body, request.context());
    progress.decision = Optional.of(decision);
    trace.decided(decision);
    List<Upstream> candidates = candidates(live, decision, body);
    double tokens = live.decider().expectedTokens(decision, body);
    progress.reserved =
        Optional.of(live.ledger().reserve(request.client(), decision.chosen().cost(), tokens));
    progress.paced =
        live.pacing()
            .map(pacing ->
                pacing.begin(decision.chosen().cost(), decision.assignment().arm() == Arm.ROUTER));
    if (body.stream()) {
      request.connection().events(Optional.of(writer));
    }
    long start = System.nanoTime();
    long deadline = start + live.config().limits().deadline().toNanos();
    Map<String, String> headers = trace.headers();
    request.header(BETA).ifPresent(value -> headers.put(BETA.lowerCase(), value));
    Call call = new Call(path, body, asked.original(), headers, decision.policy().isPresent());
    try (Dispatched dispatched =
        dispatcher.dispatch(
            candidates, call, request.guard(), live.config().limits().maxAttempts(), deadline)) {
      progress.answering(dispatched, start);
      UpstreamConfig upstream = dispatched.upstream().config();
      trace.answering(dispatched.upstream());
      headers(request, writer, decision, upstream.model(), dispatched.failed().size() + 1);
      Optional<AnswerCapture> capture =
          body.inexpressible().isPresent()
              ? Optional.empty()
              : shadow.capture(live.config().shadow(), decision, body);
      Optional<AnswerCapture> seen =
          capture.or(() -> answers.kept() ? Optional.of(new AnswerCapture()) : Optional.empty());
      new AnswerSender(request, asked, cache, dispatched, seen, progress, writer).send();
      answered(request, body, decision, upstream.model(), progress);
      if (progress.error.isEmpty()) {
        cache.keep(upstream.model(), decision.id(), progress.cost());
        seen.filter(_ -> answers.kept()).ifPresent(c -> answers.keep(decision.id(), c.text()));
        capture.ifPresent(c ->
            shadow.answered(
                live.config().shadow(), live.upstreams(), decision, body, upstream.model(), c));
      }
    } catch (AllFailed e) {
      progress.allFailed(e, start);
      allFailed(request, writer, decision, e, progress, asked.format());
    }
  }

  /// Whom to ask, in this order.
  ///
  /// @throws ApiException 400 where the request can be said in none of their APIs
  private static List<Upstream> candidates(
      GatewaySnapshot live, Decision decision, RequestBody body) {
    List<Upstream> candidates = live.decider().order(decision, body);
    if (body.inexpressible().isEmpty()) {
      return candidates;
    }
    List<Upstream> able =
        candidates.stream().filter(u -> body.canBeAskedIn(u.config().api())).toList();
    if (able.isEmpty()) {
      throw body.inexpressible().get();
    }
    return able;
  }

  /// What later requests profit from.
  private static void answered(
      GatewayRequest request,
      RequestBody body,
      Decision decision,
      String model,
      RequestProgress progress) {
    GatewaySnapshot live = request.snapshot();
    live.decider().answered(body, request.context(), model);
    if (!decision.text().isEmpty()) {
      progress
          .answerUsage(body)
          .ifPresent(took -> live.forecaster().observe(decision.text(), model, took));
    }
  }

  private static void headers(
      GatewayRequest request, EventWriter writer, Decision decision, String model, int attempts) {
    if (request.snapshot().config().observe().headers()) {
      writer.beforeBegin(() -> DecisionHeaders.put(request.response(), decision, model, attempts));
    }
  }

  /// Tells the client; where a stream has begun for its sake, by an event.
  private static void allFailed(
      GatewayRequest request,
      EventWriter writer,
      Decision decision,
      AllFailed failed,
      RequestProgress progress,
      AnswerFormat format)
      throws ClientGone {
    headers(request, writer, decision, decision.model(), failed.attempts().size());
    ApiException told = UpstreamErrors.toApi(failed);
    if (!writer.end()) {
      throw told;
    }
    progress.failed(told.error());
    try {
      writer.writeAll(format.error(told.error()), true);
      writer.close();
    } catch (IOException e) {
      throw new ClientGone();
    }
  }
}
