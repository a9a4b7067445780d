package org.embedllm.gateway.responses;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.embedllm.gateway.openai.AnswerFormat;
import org.embedllm.gateway.openai.ApiError;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.gateway.openai.SseEvent;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Answers of upstreams of the Responses API, as they come.
final class UnchangedResponses implements AnswerFormat {
  private final Consumer<ObjectNode> finished;
  private long events;
  private ObjectNode response = ChatJson.mapper().createObjectNode().put("object", "response");

  /// @param finished is told the complete response
  UnchangedResponses(Consumer<ObjectNode> finished) {
    this.finished = finished;
  }

  @Override
  public byte[] whole(byte[] answer) {
    if (ChatJson.mapper().readTree(answer) instanceof ObjectNode object) {
      finished.accept(object);
    }
    return answer;
  }

  @Override
  public List<SseEvent> event(SseEvent event, boolean usageOnly) {
    events++;
    switch (event.name().orElse("")) {
      case "response.created" -> response = responseOf(event).orElse(response);
      case "response.completed", "response.incomplete" -> responseOf(event).ifPresent(finished);
      default -> {
        // Parts of what the last event has whole.
      }
    }
    return List.of(event);
  }

  private static Optional<ObjectNode> responseOf(SseEvent event) {
    try {
      JsonNode found = ChatJson.mapper().readTree(event.data()).path("response");
      return found instanceof ObjectNode object ? Optional.of(object) : Optional.empty();
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  @Override
  public List<SseEvent> end() {
    return List.of();
  }

  @Override
  public List<SseEvent> error(ApiError error) {
    String code = error.code().orElse("server_error");
    ObjectNode said = ChatJson.mapper().createObjectNode().put("type", "error");
    said.put("sequence_number", events++).put("code", code).put("message", error.message());
    said.put("param", error.param().orElse(null));
    response.put("status", "failed");
    response.putObject("error").put("code", code).put("message", error.message());
    ObjectNode failed = ChatJson.mapper().createObjectNode().put("type", "response.failed");
    failed.put("sequence_number", events++).set("response", response);
    return List.of(
        SseEvent.of(Optional.of("error"), ChatJson.bytes(said)),
        SseEvent.of(Optional.of("response.failed"), ChatJson.bytes(failed)));
  }
}
