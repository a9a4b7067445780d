package org.embedllm.gateway.server;

import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderValues;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.http.DirectHandlers;
import java.util.Optional;
import org.embedllm.gateway.config.Limits;
import org.embedllm.gateway.openai.ApiError;
import org.embedllm.gateway.openai.ChatJson;

/// Answers to what is not a request as HTTP, or the limits, want it: in the shape of the path's
/// protocol like all others. The connection is closed after them.
public final class ProtocolErrors implements DirectHandler {
  private static final Status HEAD_TOO_LARGE =
      Status.create(431, "Request Header Fields Too Large");

  private final Limits limits;

  public ProtocolErrors(Limits limits) {
    this.limits = limits;
  }

  DirectHandlers everywhere() {
    DirectHandlers.Builder builder = DirectHandlers.builder();
    for (EventType type : EventType.values()) {
      builder.addHandler(type, this);
    }
    return builder.build();
  }

  /// @param message what the web server says of it, which is the only thing that tells a head that
  ///   is too large from other broken ones; never sent
  @Override
  public TransportResponse handle(
      TransportRequest request,
      EventType type,
      Status status,
      ServerResponseHeaders headers,
      String message) {
    boolean head = String.valueOf(message).contains("Header size exceeded");
    return answer(request, head ? HEAD_TOO_LARGE : status, headers);
  }

  private TransportResponse answer(
      TransportRequest request, Status status, ServerResponseHeaders headers) {
    String id = HttpRules.id(request.headers().first(HttpRules.REQUEST_ID));
    headers.set(HttpRules.REQUEST_ID, id);
    headers.set(HeaderValues.CONTENT_TYPE_JSON);
    headers.set(HeaderValues.CONNECTION_CLOSE);
    return TransportResponse.builder()
        .status(status)
        .headers(headers)
        .keepAlive(false)
        .entity(ChatJson.bytes(HttpResponses.shaped(request.path(), error(status))))
        .build();
  }

  ApiError error(Status status) {
    return switch (status.code()) {
      case 413 ->
          request(
              413,
              "request_too_large",
              "a request has at most " + limits.maxRequestBytes() + " bytes");
      case 414 -> request(414, "path_too_long", "the path of this request is too long");
      case 431 ->
          request(
              431,
              "head_too_large",
              "the head of a request has at most " + limits.maxHeaderBytes() + " bytes");
      case 505 -> request(505, "unsupported_version", "this server speaks HTTP/1.1");
      default ->
          status.code() >= 500
              ? new ApiError(
                  status.code(),
                  "server_error",
                  Optional.of("internal_error"),
                  Optional.empty(),
                  "the gateway failed at this request",
                  Optional.empty())
              : request(status.code(), "bad_request", "this is not a valid HTTP request");
    };
  }

  private static ApiError request(int status, String code, String message) {
    return new ApiError(
        status,
        "invalid_request_error",
        Optional.of(code),
        Optional.empty(),
        message,
        Optional.empty());
  }
}
