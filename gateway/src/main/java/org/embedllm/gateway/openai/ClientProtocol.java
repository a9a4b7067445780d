package org.embedllm.gateway.openai;

import tools.jackson.databind.node.ObjectNode;

/// A way for clients to ask that is not chat completions, and can be said in them.
public interface ClientProtocol {
  /// A request as the chat completion that says the same.
  ///
  /// @param chat the chat completion's request
  /// @param format how the answer goes back
  /// @param original what upstreams of the same API are asked
  record Translated(ObjectNode chat, AnswerFormat format, Original original) {}

  /// A request in its own API.
  ///
  /// @param api of the client and of those upstreams
  /// @param body the request
  /// @param format how the answer of such an upstream goes back
  record Original(Api api, ObjectNode body, AnswerFormat format) {}

  /// @param body the request's bytes
  /// @param scope who asks: what one has stored, others do not find
  /// @throws ApiException 400 where it is not such a request, or cannot be said in chat completions
  Translated translate(byte[] body, String scope);
}
