package org.embedllm.gateway.api;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.embedllm.gateway.access.Client;
import org.embedllm.gateway.decide.RequestContext;
import org.embedllm.gateway.openai.ApiException;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.gateway.server.ClientConnection;
import org.embedllm.gateway.server.HttpResponses;
import org.embedllm.gateway.upstream.CallGuard;
import org.embedllm.gateway.upstream.CallGuard.ClientGone;
import tools.jackson.databind.JsonNode;

/// An admitted request, with everything needed to answer it.
final class GatewayRequest {
  private static final HeaderName SESSION = HeaderNames.create("x-embedllm-session");
  private static final HeaderName ATTRIBUTES = HeaderNames.create("x-embedllm-attributes");
  private static final int MOST_ATTRIBUTES = 64;

  private final ServerRequest request;
  private final ServerResponse response;
  private final GatewaySnapshot snapshot;
  private final Client client;
  private final ClientConnection connection;
  private final CallGuard guard;
  private final byte[] body;

  GatewayRequest(
      ServerRequest request,
      ServerResponse response,
      GatewaySnapshot snapshot,
      Client client,
      ClientConnection connection,
      CallGuard guard,
      byte[] body) {
    this.request = request;
    this.response = response;
    this.snapshot = snapshot;
    this.client = client;
    this.connection = connection;
    this.guard = guard;
    this.body = body;
  }

  /// What answers a request.
  @FunctionalInterface
  interface Handler {
    void handle(GatewayRequest request) throws ClientGone;
  }

  ServerResponse response() {
    return response;
  }

  /// Configuration and model with which this request begins and ends.
  GatewaySnapshot snapshot() {
    return snapshot;
  }

  Client client() {
    return client;
  }

  RequestContext context() {
    return RequestContext.of(client, header(SESSION), attributes(header(ATTRIBUTES)));
  }

  /// Reads a header of attributes: pairs `NAME=VALUE`, with semicolons between them.
  ///
  /// @throws ApiException 400 where it says something else
  static Map<String, String> attributes(Optional<String> header) {
    Map<String, String> said = new TreeMap<>();
    for (String pair : header.orElse("").split(";", -1)) {
      if (pair.isBlank()) {
        continue;
      }
      int equals = pair.indexOf('=');
      String name = equals < 0 ? "" : pair.substring(0, equals).strip();
      if (name.isEmpty() || said.size() == MOST_ATTRIBUTES) {
        throw ApiException.badRequest(
            "invalid_attributes",
            "x-embedllm-attributes",
            "x-embedllm-attributes must be at most %d pairs NAME=VALUE with semicolons between them"
                .formatted(MOST_ATTRIBUTES));
      }
      said.put(name, pair.substring(equals + 1).strip());
    }
    return said;
  }

  ClientConnection connection() {
    return connection;
  }

  CallGuard guard() {
    return guard;
  }

  /// The body's bytes, not to be changed; none where the request has no body.
  byte[] body() {
    return body;
  }

  String path() {
    return request.path().path();
  }

  /// A parameter of the query.
  Optional<String> query(String name) {
    return request.query().first(name).asOptional();
  }

  Optional<String> header(HeaderName name) {
    return request.headers().first(name);
  }

  void send(int status, byte[] json) {
    connection.writing(true);
    response.status(status);
    response.header(HeaderValues.CONTENT_TYPE_JSON);
    HttpResponses.body(request, response, json);
    connection.writing(false);
  }

  /// @param type media type
  void send(String type, byte[] bytes) {
    response.header(HeaderNames.CONTENT_TYPE, type);
    HttpResponses.body(request, response, bytes);
  }

  void send(JsonNode json) {
    send(200, ChatJson.bytes(json));
  }
}
