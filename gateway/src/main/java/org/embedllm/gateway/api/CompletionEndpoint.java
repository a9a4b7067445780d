package org.embedllm.gateway.api;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import java.util.Optional;
import org.embedllm.gateway.access.Ledger;
import org.embedllm.gateway.decide.Decision;
import org.embedllm.gateway.decide.DecisionException;
import org.embedllm.gateway.observe.CompletedRequest;
import org.embedllm.gateway.openai.ApiException;
import org.embedllm.gateway.openai.RequestBody;
import org.embedllm.gateway.openai.Usage;
import org.embedllm.gateway.upstream.Answer;
import org.embedllm.gateway.upstream.Call;
import org.embedllm.gateway.upstream.CallGuard.ClientGone;
import org.embedllm.gateway.upstream.Dispatcher;
import org.embedllm.gateway.upstream.Dispatcher.AllFailed;
import org.embedllm.gateway.upstream.Dispatcher.Dispatched;
import org.embedllm.gateway.upstream.EventStream;
import org.embedllm.gateway.upstream.UpstreamFailure;

/// `POST /v1/chat/completions` and `POST /v1/completions`.
final class CompletionEndpoint {
  private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] NEXT = "\n\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);

  private final String path;
  private final boolean chat;
  private final Dispatcher dispatcher;
  private final CompletedRequest.Listener listener;
  private final Tracing tracing;
  private final Ledger ledger;
  private final Clock clock;

  /// @param path below an upstream's base URL
  /// @param chat whether requests have messages, not a prompt
  CompletionEndpoint(
      String path,
      boolean chat,
      Dispatcher dispatcher,
      CompletedRequest.Listener listener,
      Tracing tracing,
      Ledger ledger,
      Clock clock) {
    this.path = path;
    this.chat = chat;
    this.dispatcher = dispatcher;
    this.listener = listener;
    this.tracing = tracing;
    this.ledger = ledger;
    this.clock = clock;
  }

  void handle(GatewayRequest request) throws ClientGone {
    var progress = new RequestProgress(request.caller(), clock.instant());
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
      } finally {
        CompletedRequest completed = progress.completed();
        trace.end(completed);
        ledger.charge(request.caller(), completed.cost());
        listener.completed(completed);
      }
    }
  }

  private void serve(GatewayRequest request, RequestProgress progress, Tracing.Request trace)
      throws ClientGone {
    GatewaySnapshot live = request.snapshot();
    RequestBody body = RequestBody.parse(request.body());
    if (chat ? !body.hasMessages() : !body.hasPrompt()) {
      String field = chat ? "messages" : "prompt";
      throw ApiException.badRequest(
          "missing_required_parameter", field, "\"" + field + "\" is missing from the request");
    }
    progress.streamed = body.stream();
    live.keys().admit(request.caller());
    ledger.admit(request.caller());
    Decision decision = live.decider().decide(body, request.requester());
    progress.decision = Optional.of(decision);
    trace.decided(decision);
    long asked = System.nanoTime();
    long deadline = asked + live.config().limits().deadline().toNanos();
    Call call = new Call(path, body, trace.headers());
    boolean headers = live.config().observe().headers();
    try (Dispatched dispatched =
        dispatcher.dispatch(
            live.decider().order(decision, body),
            call,
            request.guard(),
            live.config().limits().maxAttempts(),
            deadline)) {
      progress.answering(dispatched, asked);
      String model = dispatched.upstream().config().model();
      if (headers) {
        DecisionHeaders.put(request.response(), decision, model, dispatched.failed().size() + 1);
      }
      answer(request, body, dispatched, progress);
      live.decider().answered(body, request.requester(), model);
    } catch (AllFailed e) {
      progress.allFailed(e, asked);
      if (headers) {
        DecisionHeaders.put(request.response(), decision, decision.model(), e.attempts().size());
      }
      throw UpstreamErrors.toApi(e);
    }
  }

  private static void answer(
      GatewayRequest request, RequestBody body, Dispatched dispatched, RequestProgress progress)
      throws ClientGone {
    switch (dispatched.answer()) {
      case Answer.Whole whole -> {
        progress.account(
            dispatched, whole.usage().orElseGet(() -> estimate(body, whole.body().length / 6)));
        dispatched.succeeded(whole.usage());
        request.send(200, whole.body());
      }
      case Answer.Refused refused -> {
        progress.failed(refused.status(), "refused_by_upstream");
        dispatched.succeeded(Optional.empty());
        request.send(refused.status(), refused.body());
      }
      case Answer.Events events -> stream(request, body, events.stream(), dispatched, progress);
    }
  }

  private static void stream(
      GatewayRequest request,
      RequestBody body,
      EventStream events,
      Dispatched dispatched,
      RequestProgress progress)
      throws ClientGone {
    ServerResponse response = request.response();
    ClientConnection client = request.client();
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
        write(out, client, UpstreamErrors.midStream(e), true);
      } finally {
        // About as many characters of every event are JSON as are text.
        long answer = characters / 200;
        progress.account(dispatched, events.usage().orElseGet(() -> estimate(body, answer)));
      }
    } catch (IOException e) {
      request.guard().clientGone();
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
}
