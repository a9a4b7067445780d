package org.embedllm.gateway.openai;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// A way to ask upstreams that is not chat completions, and can be said in them. Safe for several
/// threads.
public interface UpstreamProtocol {
  /// Where it is asked, below the base URL.
  String path();

  /// The request that says the same as a chat completion's.
  ///
  /// @param chat the chat completion's request, with the upstream's own name of the model
  ObjectNode request(ObjectNode chat);

  /// A whole answer as the chat completion that says the same; an error stays an error.
  ///
  /// @throws tools.jackson.core.JacksonException where it is not JSON
  byte[] whole(byte[] answer);

  /// For one streamed answer.
  Events events();

  /// Translates the events of one answer, in their order. Used by one thread.
  @FunctionalInterface
  interface Events {
    /// What an event says in chunks of a chat completion, `[DONE]` and errors included; nothing
    /// where it says nothing.
    ///
    /// @throws tools.jackson.core.JacksonException where it is not JSON
    List<SseEvent> chat(SseEvent event);
  }
}
