package org.embedllm.gateway.api;

import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.embedllm.gateway.server.HttpResponses;

/// `GET /openapi.json`: the API's description.
final class OpenApiEndpoint {
  private OpenApiEndpoint() {}

  static void answer(ServerRequest request, ServerResponse response) {
    try (InputStream in = OpenApiEndpoint.class.getResourceAsStream("openapi.json")) {
      if (in == null) {
        throw new IllegalStateException("openapi.json is missing from the program");
      }
      response.header(HeaderValues.CONTENT_TYPE_JSON);
      HttpResponses.body(request, response, in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
