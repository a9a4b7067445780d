package org.embedllm.gateway.api;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.embedllm.gateway.openai.AnswerFormat;
import org.embedllm.gateway.openai.ApiError;
import org.embedllm.gateway.openai.ChatJson;
import org.embedllm.gateway.openai.SseEvent;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Puts `cost`, in USD, beside the tokens of an answer's usage, for clients that ask for it.
final class AnswerCost implements AnswerFormat {
  private final Supplier<Optional<Double>> cost;
  private final AnswerFormat next;

  /// @param cost of the answer, once it is known
  AnswerCost(Supplier<Optional<Double>> cost, AnswerFormat next) {
    this.cost = cost;
    this.next = next;
  }

  /// An answer or an event with its cost, where it has a usage: in the Responses API that of the
  /// response inside it.
  private byte[] priced(byte[] json) {
    Optional<Double> known = cost.get();
    if (known.isEmpty()) {
      return json;
    }
    try {
      JsonNode root = ChatJson.mapper().readTree(json);
      JsonNode inside = root.has("response") ? root.path("response") : root;
      if (inside.path("usage") instanceof ObjectNode usage) {
        usage.put("cost", known.get());
        return ChatJson.bytes(root);
      }
    } catch (JacksonException e) {
      // Then it has no usage that one could read.
      return json;
    }
    return json;
  }

  @Override
  public byte[] whole(byte[] answer) {
    return next.whole(priced(answer));
  }

  @Override
  public List<SseEvent> event(SseEvent event, boolean usageOnly) {
    return next.event(SseEvent.of(event.name(), priced(event.data())), usageOnly);
  }

  @Override
  public List<SseEvent> end() {
    return next.end();
  }

  @Override
  public List<SseEvent> error(ApiError error) {
    return next.error(error);
  }
}
