package org.embedllm.gateway.upstream;

import java.util.Map;
import java.util.Set;
import org.embedllm.gateway.openai.RequestBody;

/// A request as it goes to upstreams.
///
/// @param path below the base URL
/// @param body what the client sent
/// @param headers to add, such as the trace's
/// @param chosen whether the gateway chose the model, and may leave parameters out for it
public record Call(String path, RequestBody body, Map<String, String> headers, boolean chosen) {
  public Call {
    headers = Map.copyOf(headers);
  }

  /// The body as an upstream gets it.
  byte[] bodyFor(Upstream upstream) {
    boolean drop = chosen || upstream.config().unsupported().drop();
    return body.forUpstream(
        upstream.config().name(),
        upstream.config().streamUsage(),
        drop ? upstream.unsupported(body) : Set.of());
  }
}
