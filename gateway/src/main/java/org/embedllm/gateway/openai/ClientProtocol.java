package org.embedllm.gateway.openai;

import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// A way for clients to ask that is not chat completions, and can be said in them.
public interface ClientProtocol {
  /// A request as the chat completion that says the same.
  ///
  /// @param chat the chat completion's request
  /// @param format how the answer goes back
  /// @param original what upstreams of the same API are asked
  /// @param inexpressible what chat completions cannot express: only upstreams of the same API can
  ///   be asked then, and the chat completion is good for the choice among them alone
  record Translated(
      ObjectNode chat,
      AnswerFormat format,
      Original original,
      Optional<ApiException> inexpressible) {}

  /// A request in its own API.
  ///
  /// @param api of the client and of those upstreams
  /// @param body the request
  /// @param format how the answer of such an upstream goes back
  record Original(Api api, ObjectNode body, AnswerFormat format) {}

  /// @param body the request's bytes
  /// @param scope who asks: what one has stored, others do not find
  /// @throws ApiException 400 where it is not such a request
  Translated translate(byte[] body, String scope);
}
