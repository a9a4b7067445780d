package org.embedllm.gateway.openai;

import java.util.List;

/// How the answer to one request goes to its client. It remembers what it has sent: one for each
/// request, used by one thread.
public interface AnswerFormat {
  /// A whole answer.
  ///
  /// @param chat a chat completion
  byte[] whole(byte[] chat);

  /// What one event of a chat completion becomes.
  ///
  /// @param usageOnly whether it says nothing but the usage
  List<SseEvent> event(SseEvent chat, boolean usageOnly);

  /// What follows the last event.
  List<SseEvent> end();

  /// What ends a stream that cannot go on.
  List<SseEvent> error(ApiError error);
}
