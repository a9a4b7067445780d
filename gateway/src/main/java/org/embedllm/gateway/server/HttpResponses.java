package org.embedllm.gateway.server;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import org.embedllm.gateway.anthropic.AnthropicErrors;
import org.embedllm.gateway.openai.ApiError;
import org.embedllm.gateway.openai.ChatJson;
import tools.jackson.databind.JsonNode;

/// Whole responses: JSON, bytes, and errors in the shape of the path's protocol.
public final class HttpResponses {
  private HttpResponses() {}

  public static void json(ServerRequest request, ServerResponse response, JsonNode body) {
    response.header(HeaderValues.CONTENT_TYPE_JSON);
    body(request, response, ChatJson.bytes(body));
  }

  /// Sends the body; the answer to `HEAD` has only its length.
  public static void body(ServerRequest request, ServerResponse response, byte[] bytes) {
    if (request.prologue().method().equals(Method.HEAD)) {
      response.contentLength(bytes.length);
      response.send();
    } else {
      response.send(bytes);
    }
  }

  /// Sends an error with its status, and the headers that belong to it.
  public static void send(ServerRequest request, ServerResponse response, ApiError error) {
    response.status(error.status());
    error
        .retryAfter()
        .ifPresent(wait ->
            response.header(
                HeaderNames.RETRY_AFTER,
                Long.toString(Math.max(1, (wait.toMillis() + 999) / 1000))));
    if (error.status() == 401) {
      response.header(HeaderNames.WWW_AUTHENTICATE, "Bearer");
    }
    json(request, response, shaped(request.path().path(), error));
  }

  /// An error in the shape of a path's protocol.
  static JsonNode shaped(String path, ApiError error) {
    return path.startsWith("/v1/messages") ? AnthropicErrors.json(error) : error.json();
  }
}
