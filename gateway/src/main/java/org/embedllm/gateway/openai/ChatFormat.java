package org.embedllm.gateway.openai;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// Answers as they come, for clients of chat completions.
public final class ChatFormat implements AnswerFormat {
  private static final List<SseEvent> DONE =
      List.of(SseEvent.of("[DONE]".getBytes(StandardCharsets.US_ASCII)));

  private final boolean usage;

  /// @param usage whether the client asked for usage at the end of a stream
  public ChatFormat(boolean usage) {
    this.usage = usage;
  }

  @Override
  public byte[] whole(byte[] chat) {
    return chat;
  }

  @Override
  public List<SseEvent> event(SseEvent chat, boolean usageOnly) {
    return usageOnly && !usage ? List.of() : List.of(chat);
  }

  @Override
  public List<SseEvent> end() {
    return DONE;
  }

  @Override
  public List<SseEvent> error(ApiError error) {
    return List.of(SseEvent.of(ChatJson.bytes(error.json())));
  }
}
