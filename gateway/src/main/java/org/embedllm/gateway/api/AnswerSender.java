package org.embedllm.gateway.api;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;
import org.embedllm.gateway.openai.AnswerFormat;
import org.embedllm.gateway.openai.SseEvent;
import org.embedllm.gateway.openai.Usage;
import org.embedllm.gateway.server.EventWriter;
import org.embedllm.gateway.shadow.AnswerCapture;
import org.embedllm.gateway.upstream.Answer;
import org.embedllm.gateway.upstream.CallGuard.ClientGone;
import org.embedllm.gateway.upstream.Dispatcher.Dispatched;
import org.embedllm.gateway.upstream.EventStream;
import org.embedllm.gateway.upstream.UpstreamFailure;

/// Sends an upstream's answer to the client, and takes down what it says on the way. For one
/// request.
final class AnswerSender {
  private final GatewayRequest request;
  private final Asked asked;
  private final CacheUse cache;
  private final Dispatched dispatched;
  private final Optional<AnswerCapture> capture;
  private final RequestProgress progress;
  private final EventWriter writer;

  /// @param capture takes what the answer says in chat completions
  AnswerSender(
      GatewayRequest request,
      Asked asked,
      CacheUse cache,
      Dispatched dispatched,
      Optional<AnswerCapture> capture,
      RequestProgress progress,
      EventWriter writer) {
    this.request = request;
    this.asked = asked;
    this.cache = cache;
    this.dispatched = dispatched;
    this.capture = capture;
    this.progress = progress;
    this.writer = writer;
  }

  void send() throws ClientGone {
    switch (dispatched.answer()) {
      case Answer.Whole whole -> {
        progress.account(
            dispatched, whole.usage().orElseGet(() -> estimate(whole.body().length / 6)));
        dispatched.succeeded(whole.usage());
        capture.ifPresent(c -> c.add(whole.chat()));
        request.send(200, format(whole.unchanged(), whole::usage).whole(whole.body()));
      }
      case Answer.Refused refused -> {
        progress.refused(dispatched.upstream(), refused);
        dispatched.succeeded(Optional.empty());
        if (asked.original().isPresent()) {
          throw UpstreamErrors.refused(refused.status(), refused.body());
        }
        request.send(refused.status(), refused.body());
      }
      case Answer.Events events -> stream(events.stream());
    }
  }

  private AnswerFormat format(boolean unchanged, Supplier<Optional<Usage>> usage) {
    Supplier<Optional<Double>> cost =
        () ->
            dispatched
                .upstream()
                .config()
                .price()
                .flatMap(price ->
                    usage.get().map(used -> price.of(used.promptTokens(), used.answerTokens())));
    return cache.recorded(asked.format(unchanged, cost), unchanged);
  }

  private void stream(EventStream events) throws ClientGone {
    long characters = 0;
    AnswerFormat format = format(events.unchanged(), events::usage);
    try {
      try {
        Optional<SseEvent> event = events.next();
        while (event.isPresent()) {
          characters += event.get().data().length;
          boolean flush = !events.ready();
          if (event.get().isComment()) {
            writer.write(event.get(), flush);
          } else {
            capture.ifPresent(c -> events.lastInChat().forEach(chat -> c.add(chat.data())));
            writer.writeAll(format.event(event.get(), events.lastIsUsageOnly()), flush);
          }
          event = events.next();
        }
        events.usage().ifPresent(used -> progress.account(dispatched, used));
        writer.writeAll(format.end(), true);
        dispatched.succeeded(events.usage());
      } catch (UpstreamFailure e) {
        dispatched.failed(e);
        progress.broken(dispatched.upstream(), e);
        writer.writeAll(format.error(UpstreamErrors.midStream(e)), true);
      } finally {
        // About as many characters of every event are JSON as are text.
        long answer = characters / 200;
        progress.account(dispatched, events.usage().orElseGet(() -> estimate(answer)));
      }
      writer.close();
    } catch (IOException e) {
      request.guard().clientGone();
      throw new ClientGone();
    }
  }

  private Usage estimate(long answerTokens) {
    return new Usage(asked.body().estimatedPromptTokens(), answerTokens, false);
  }
}
