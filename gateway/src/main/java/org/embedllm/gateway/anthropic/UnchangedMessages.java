package org.embedllm.gateway.anthropic;

import java.util.List;
import java.util.Optional;
import org.embedllm.gateway.openai.AnswerFormat;
import org.embedllm.gateway.openai.ApiError;
import org.embedllm.gateway.openai.Json;
import org.embedllm.gateway.openai.SseEvent;

/// Answers of upstreams of the Messages API, as they come.
final class UnchangedMessages implements AnswerFormat {
  @Override
  public byte[] whole(byte[] answer) {
    return answer;
  }

  @Override
  public List<SseEvent> event(SseEvent event, boolean usageOnly) {
    return List.of(event);
  }

  @Override
  public List<SseEvent> end() {
    return List.of();
  }

  @Override
  public List<SseEvent> error(ApiError error) {
    return List.of(SseEvent.of(Optional.of("error"), Json.bytes(AnthropicErrors.json(error))));
  }
}
