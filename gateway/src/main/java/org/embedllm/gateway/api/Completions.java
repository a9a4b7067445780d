package org.embedllm.gateway.api;

import io.helidon.webserver.http.HttpRouting;
import java.time.Clock;
import java.util.Optional;
import org.embedllm.gateway.access.Ledger;
import org.embedllm.gateway.anthropic.MessagesProtocol;
import org.embedllm.gateway.observe.CompletedRequest;
import org.embedllm.gateway.openai.ClientProtocol;
import org.embedllm.gateway.openai.Json;
import org.embedllm.gateway.openai.RequestBody;
import org.embedllm.gateway.responses.ResponsesProtocol;
import org.embedllm.gateway.upstream.Dispatcher;

/// The endpoints that ask a model, one for each protocol of clients.
final class Completions {
  private final Dispatcher dispatcher;
  private final CompletedRequest.Listener listener;
  private final Tracing tracing;
  private final Ledger ledger;
  private final Clock clock;
  private final ClientProtocol messages = new MessagesProtocol();

  Completions(
      Dispatcher dispatcher,
      CompletedRequest.Listener listener,
      Tracing tracing,
      Ledger ledger,
      Clock clock) {
    this.dispatcher = dispatcher;
    this.listener = listener;
    this.tracing = tracing;
    this.ledger = ledger;
    this.clock = clock;
  }

  void addTo(GatewayServer server, HttpRouting.Builder routing) {
    CompletionEndpoint chat = endpoint("/chat/completions", true, Optional.empty());
    CompletionEndpoint plain = endpoint("/completions", false, Optional.empty());
    CompletionEndpoint responses =
        endpoint("/chat/completions", true, Optional.of(new ResponsesProtocol()));
    CompletionEndpoint anthropic = endpoint("/chat/completions", true, Optional.of(messages));
    server.post(routing, "/v1/chat/completions", chat::handle);
    server.post(routing, "/v1/completions", plain::handle);
    server.post(routing, "/v1/responses", responses::handle);
    server.post(routing, "/v1/messages", anthropic::handle);
    server.post(routing, "/v1/messages/count_tokens", this::countTokens);
  }

  private CompletionEndpoint endpoint(
      String path, boolean chat, Optional<ClientProtocol> protocol) {
    return new CompletionEndpoint(
        path, chat, protocol, dispatcher, listener, tracing, ledger, clock);
  }

  /// An estimate; nobody is asked.
  private void countTokens(GatewayRequest request) {
    request.snapshot().keys().admit(request.caller());
    ClientProtocol.Translated translated = messages.translate(request.body(), "");
    RequestBody body = RequestBody.parse(Json.bytes(translated.chat()));
    request.send(
        Json.mapper().createObjectNode().put("input_tokens", body.estimatedPromptTokens()));
  }
}
