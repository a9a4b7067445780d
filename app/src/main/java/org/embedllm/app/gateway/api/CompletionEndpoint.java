package org.embedllm.app.gateway.api;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.embedllm.app.gateway.access.Caller;
import org.embedllm.app.gateway.access.Ledger;
import org.embedllm.app.gateway.decide.Decider.Asker;
import org.embedllm.app.gateway.decide.Decision;
import org.embedllm.app.gateway.observe.Finished;
import org.embedllm.app.gateway.openai.ApiException;
import org.embedllm.app.gateway.openai.RequestBody;
import org.embedllm.app.gateway.openai.Usage;
import org.embedllm.app.gateway.upstream.Answer;
import org.embedllm.app.gateway.upstream.Call;
import org.embedllm.app.gateway.upstream.CallGuard;
import org.embedllm.app.gateway.upstream.CallGuard.ClientGone;
import org.embedllm.app.gateway.upstream.Dispatcher;
import org.embedllm.app.gateway.upstream.Dispatcher.AllFailed;
import org.embedllm.app.gateway.upstream.Dispatcher.Dispatched;
import org.embedllm.app.gateway.upstream.EventStream;
import org.embedllm.app.gateway.upstream.UpstreamFailure;

/// `POST /v1/chat/completions` and `POST /v1/completions`.
final class CompletionEndpoint {
  private static final HeaderName SESSION = HeaderNames.create("x-embedllm-session");
  private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] NEXT = "\n\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);

  private final String path;
  private final boolean chat;
  private final Dispatcher dispatcher;
  private final Finished.Observer observer;
  private final Tracing tracing;
  private final Ledger ledger;
  private final Clock clock;

  /// @param path below an upstream's base URL
  /// @param chat whether requests have messages, not a prompt
  CompletionEndpoint(
      String path,
      boolean chat,
      Dispatcher dispatcher,
      Finished.Observer observer,
      Tracing tracing,
      Ledger ledger,
      Clock clock) {
    this.path = path;
    this.chat = chat;
    this.dispatcher = dispatcher;
    this.observer = observer;
    this.tracing = tracing;
    this.ledger = ledger;
    this.clock = clock;
  }

  /// One request on its way, for its record.
  private static final class Progress {
    final long start = System.nanoTime();
    final Caller caller;
    Optional<Decision> decision = Optional.empty();
    Optional<String> answeredBy = Optional.empty();
    Optional<Usage> usage = Optional.empty();
    Optional<String> error = Optional.empty();
    List<String> failed = List.of();
    boolean streamed;
    double cost = Double.NaN;
    int status = 200;
    long upstreamNanos;
    long firstByteNanos;

    Progress(Caller caller) {
      this.caller = caller;
    }
  }

  void handle(
      ServerRequest request,
      ServerResponse response,
      Live live,
      Caller caller,
      ClientConnection client,
      CallGuard guard,
      byte[] bytes) {
    var progress = new Progress(caller);
    var at = clock.instant();
    try (Tracing.Request trace = tracing.begin(request, path)) {
      try {
        serve(request, response, live, client, guard, bytes, progress, trace);
      } catch (ClientGone | UncheckedIOException e) {
        progress.status = 499;
        progress.error = Optional.of("client_gone");
        throw new ClientLeft();
      } catch (ApiException e) {
        progress.status = e.error().status();
        progress.error = e.error().code();
        throw e;
      } finally {
        Finished finished = finished(at, progress);
        trace.end(finished);
        ledger.charge(caller, finished.cost());
        observer.finished(finished);
      }
    }
  }

  private static Finished finished(java.time.Instant at, Progress p) {
    return new Finished(
        at,
        p.caller.name(),
        p.decision,
        p.answeredBy,
        p.status,
        p.error,
        p.streamed,
        p.usage,
        p.cost,
        p.failed,
        System.nanoTime() - p.start,
        p.upstreamNanos,
        p.firstByteNanos);
  }

  private void serve(
      ServerRequest request,
      ServerResponse response,
      Live live,
      ClientConnection client,
      CallGuard guard,
      byte[] bytes,
      Progress progress,
      Tracing.Request trace)
      throws ClientGone {
    RequestBody body = RequestBody.parse(bytes);
    if (chat ? !body.hasMessages() : !body.hasPrompt()) {
      String field = chat ? "messages" : "prompt";
      throw ApiException.badRequest(
          "missing_required_parameter", field, "\"" + field + "\" is missing from the request");
    }
    progress.streamed = body.stream();
    live.keys().admit(progress.caller);
    ledger.admit(progress.caller);
    Asker asker = Asker.of(progress.caller, request.headers().first(SESSION));
    Decision decision = live.decider().decide(body, asker);
    progress.decision = Optional.of(decision);
    trace.decided(decision);
    long asked = System.nanoTime();
    long deadline = asked + live.config().limits().deadline().toNanos();
    Call call = new Call(path, body, trace.headers());
    try (Dispatched dispatched =
        dispatcher.dispatch(
            live.decider().order(decision, body),
            call,
            guard,
            live.config().limits().attempts(),
            deadline)) {
      progress.upstreamNanos = System.nanoTime() - asked;
      progress.firstByteNanos = System.nanoTime() - progress.start;
      progress.failed = labels(dispatched.failed());
      String model = dispatched.upstream().config().model();
      progress.answeredBy = Optional.of(model);
      if (live.config().observe().headers()) {
        Headers.put(response, decision, model, dispatched.failed().size() + 1);
      }
      answer(response, body, client, guard, dispatched, progress);
      live.decider().answered(body, asker, model);
    } catch (AllFailed e) {
      progress.upstreamNanos = System.nanoTime() - asked;
      progress.failed = labels(e.attempts());
      if (live.config().observe().headers()) {
        Headers.put(response, decision, decision.model(), e.attempts().size());
      }
      throw Failures.toApi(e);
    }
  }

  private static List<String> labels(List<Dispatcher.Attempt> attempts) {
    return attempts.stream()
        .map(a -> a.upstream().label() + ":" + a.failure().kind().label())
        .toList();
  }

  private static void answer(
      ServerResponse response,
      RequestBody body,
      ClientConnection client,
      CallGuard guard,
      Dispatched dispatched,
      Progress progress)
      throws ClientGone {
    switch (dispatched.answer()) {
      case Answer.Whole whole -> {
        account(
            progress,
            dispatched,
            whole.usage().orElseGet(() -> estimate(body, whole.body().length / 6)));
        dispatched.succeeded(whole.usage());
        send(response, client, 200, whole.body());
      }
      case Answer.Refused refused -> {
        progress.status = refused.status();
        progress.error = Optional.of("refused_by_upstream");
        dispatched.succeeded(Optional.empty());
        send(response, client, refused.status(), refused.body());
      }
      case Answer.Events events ->
          stream(response, body, client, guard, events.stream(), dispatched, progress);
    }
  }

  private static void send(
      ServerResponse response, ClientConnection client, int status, byte[] body) {
    client.writing(true);
    response.status(status);
    response.header(HeaderValues.CONTENT_TYPE_JSON);
    response.send(body);
    client.writing(false);
  }

  private static void stream(
      ServerResponse response,
      RequestBody body,
      ClientConnection client,
      CallGuard guard,
      EventStream events,
      Dispatched dispatched,
      Progress progress)
      throws ClientGone {
    response.header(HeaderValues.create(HeaderNames.CONTENT_TYPE, "text/event-stream"));
    response.header(HeaderValues.create(HeaderNames.CACHE_CONTROL, "no-cache"));
    response.header(HeaderValues.create("x-accel-buffering", "no"));
    long characters = 0;
    try (OutputStream out = response.outputStream()) {
      try {
        Optional<byte[]> data = events.next();
        while (data.isPresent()) {
          characters += data.get().length;
          if (!events.lastIsUsageOnly() || body.asksForUsage()) {
            write(out, client, data.get(), !events.ready());
          }
          data = events.next();
        }
        client.writing(true);
        out.write(DONE);
        out.flush();
        client.writing(false);
        dispatched.succeeded(events.usage());
      } catch (UpstreamFailure e) {
        dispatched.failed(e);
        progress.error = Optional.of("upstream_" + e.kind().label());
        write(out, client, Failures.midStream(e), true);
      } finally {
        // About as many characters of every event are JSON as are text.
        long answer = characters / 200;
        account(progress, dispatched, events.usage().orElseGet(() -> estimate(body, answer)));
      }
    } catch (IOException e) {
      guard.clientGone();
      throw new ClientGone();
    }
  }

  /// One event in one piece, so that it is one chunk of the answer.
  private static void write(OutputStream out, ClientConnection client, byte[] data, boolean flush)
      throws IOException {
    byte[] event = Arrays.copyOf(DATA, DATA.length + data.length + NEXT.length);
    System.arraycopy(data, 0, event, DATA.length, data.length);
    System.arraycopy(NEXT, 0, event, DATA.length + data.length, NEXT.length);
    client.writing(true);
    out.write(event);
    if (flush) {
      out.flush();
    }
    client.writing(false);
  }

  private static Usage estimate(RequestBody body, long answerTokens) {
    return new Usage(body.estimatedPromptTokens(), answerTokens, false);
  }

  private static void account(Progress progress, Dispatched dispatched, Usage usage) {
    progress.usage = Optional.of(usage);
    progress.cost =
        dispatched
            .upstream()
            .config()
            .price()
            .map(p -> p.of(usage.promptTokens(), usage.answerTokens()))
            .orElse(Double.NaN);
  }
}
