package org.embedllm.gateway.anthropic;

import java.util.List;
import java.util.Optional;
import org.embedllm.gateway.openai.AnswerFormat;
import org.embedllm.gateway.openai.ApiError;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.gateway.openai.SseEvent;

/// Answers of upstreams of the Messages API, as they come. A stream that ends after its stop reason
/// gets the event that clients wait for.
final class UnchangedMessages implements AnswerFormat {
  private static final String STOP = "message_stop";

  private boolean stopped;

  @Override
  public byte[] whole(byte[] answer) {
    return answer;
  }

  @Override
  public List<SseEvent> event(SseEvent event, boolean usageOnly) {
    stopped |= event.name().orElseGet(() -> type(event)).equals(STOP);
    return List.of(event);
  }

  /// Of an event without a name.
  private static String type(SseEvent event) {
    return ChatJson.mapper().readTree(event.data()).path("type").asString("");
  }

  @Override
  public List<SseEvent> end() {
    return stopped
        ? List.of()
        : List.of(
            SseEvent.of(
                Optional.of(STOP),
                ChatJson.bytes(ChatJson.mapper().createObjectNode().put("type", STOP))));
  }

  @Override
  public List<SseEvent> error(ApiError error) {
    return List.of(SseEvent.of(Optional.of("error"), ChatJson.bytes(AnthropicErrors.json(error))));
  }
}
