package org.embedllm.gateway.upstream;

import java.util.Optional;
import org.embedllm.gateway.anthropic.MessagesUpstream;
import org.embedllm.gateway.openai.Api;
import org.embedllm.gateway.openai.UpstreamProtocol;
import org.embedllm.gateway.responses.ResponsesUpstream;

/// What upstreams of each API are asked in.
final class Protocols {
  private static final UpstreamProtocol RESPONSES = new ResponsesUpstream();
  private static final UpstreamProtocol MESSAGES = new MessagesUpstream();

  private Protocols() {}

  /// Empty for an API whose requests and answers go on as they are.
  static Optional<UpstreamProtocol> of(Api api) {
    return switch (api) {
      case CHAT, EMBEDDINGS -> Optional.empty();
      case RESPONSES -> Optional.of(RESPONSES);
      case MESSAGES -> Optional.of(MESSAGES);
    };
  }
}
