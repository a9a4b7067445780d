package org.embedllm.gateway.upstream;

import java.util.Map;
import org.embedllm.gateway.openai.RequestBody;

/// A request as it goes to upstreams.
///
/// @param path below the base URL
/// @param body what the client sent
/// @param headers to add, such as the trace's
public record Call(String path, RequestBody body, Map<String, String> headers) {
  public Call {
    headers = Map.copyOf(headers);
  }
}
