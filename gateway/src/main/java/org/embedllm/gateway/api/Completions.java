package org.embedllm.gateway.api;

import io.helidon.webserver.http.HttpRouting;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Function;
import org.embedllm.gateway.anthropic.MessagesProtocol;
import org.embedllm.gateway.observe.CompletedRequest;
import org.embedllm.gateway.observe.LiveAnswers;
import org.embedllm.gateway.observe.Metrics;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.gateway.openai.ClientProtocol;
import org.embedllm.gateway.openai.RequestBody;
import org.embedllm.gateway.responses.ResponseStore;
import org.embedllm.gateway.responses.ResponsesProtocol;
import org.embedllm.gateway.shadow.Shadow;
import org.embedllm.gateway.upstream.Dispatcher;

/// The endpoints that ask a model, one for each protocol of clients.
final class Completions {
  private final Dispatcher dispatcher;
  private final Function<String, CompletedRequest.Listener> listeners;
  private final ResponseStore stored;
  private final Tracing tracing;
  private final Metrics metrics;
  private final Shadow shadow;
  private final LiveAnswers answers;
  private final Clock clock;
  private final ClientProtocol messages = new MessagesProtocol();

  Completions(
      Dispatcher dispatcher,
      Function<String, CompletedRequest.Listener> listeners,
      ResponseStore stored,
      Tracing tracing,
      Metrics metrics,
      Shadow shadow,
      LiveAnswers answers,
      Clock clock) {
    this.dispatcher = dispatcher;
    this.listeners = listeners;
    this.stored = stored;
    this.tracing = tracing;
    this.metrics = metrics;
    this.shadow = shadow;
    this.answers = answers;
    this.clock = clock;
  }

  void addTo(GatewayServer server, HttpRouting.Builder routing) {
    CompletionEndpoint chat = chat(Optional.empty());
    CompletionEndpoint plain =
        endpoint("/completions", "prompt", "text_completion", Optional.empty());
    CompletionEndpoint responses = chat(Optional.of(new ResponsesProtocol(stored)));
    CompletionEndpoint anthropic = chat(Optional.of(messages));
    CompletionEndpoint embeddings =
        endpoint("/embeddings", "input", "embeddings", Optional.empty());
    server.post(routing, "/v1/chat/completions", chat::handle);
    server.post(routing, "/v1/completions", plain::handle);
    server.post(routing, "/v1/responses", responses::handle);
    server.post(routing, "/v1/messages", anthropic::handle);
    server.post(routing, "/v1/messages/count_tokens", this::countTokens);
    server.post(
        routing,
        "/v1/embeddings",
        r -> {
          if (EmbeddingsEndpoint.isOwn(r)) {
            r.send(EmbeddingsEndpoint.answer(r));
          } else {
            embeddings.handle(r);
          }
        });
  }

  private CompletionEndpoint chat(Optional<ClientProtocol> protocol) {
    return endpoint("/chat/completions", "messages", "chat", protocol);
  }

  /// @param operation its name in OpenTelemetry's conventions
  private CompletionEndpoint endpoint(
      String path, String required, String operation, Optional<ClientProtocol> protocol) {
    return new CompletionEndpoint(
        path,
        required,
        protocol,
        dispatcher,
        listeners.apply(operation),
        tracing,
        metrics,
        shadow,
        answers,
        clock);
  }

  /// An estimate; nobody is asked.
  private void countTokens(GatewayRequest request) {
    request.snapshot().ledger().admit(request.client());
    ClientProtocol.Translated translated = messages.translate(request.body(), "");
    RequestBody body = RequestBody.parse(ChatJson.bytes(translated.chat()));
    request.send(
        ChatJson.mapper().createObjectNode().put("input_tokens", body.estimatedPromptTokens()));
  }
}
