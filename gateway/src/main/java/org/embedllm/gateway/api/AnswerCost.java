package org.embedllm.gateway.api;

import java.util.List;
import java.util.Optional;
import org.embedllm.gateway.config.UpstreamConfig.Price;
import org.embedllm.gateway.openai.AnswerFormat;
import org.embedllm.gateway.openai.ApiError;
import org.embedllm.gateway.openai.Json;
import org.embedllm.gateway.openai.SseEvent;
import org.embedllm.gateway.openai.Usage;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Puts `cost`, in USD, beside the tokens of an answer's usage, for clients that ask for it.
final class AnswerCost implements AnswerFormat {
  private final Price price;
  private final AnswerFormat next;

  AnswerCost(Price price, AnswerFormat next) {
    this.price = price;
    this.next = next;
  }

  private byte[] priced(byte[] chat) {
    Optional<Usage> usage = Usage.read(chat).flatMap(Usage.Answer::usage);
    if (usage.isEmpty()) {
      return chat;
    }
    JsonNode root = Json.mapper().readTree(chat);
    if (root.path("usage") instanceof ObjectNode fields) {
      fields.put("cost", price.of(usage.get().promptTokens(), usage.get().answerTokens()));
    }
    return Json.bytes(root);
  }

  @Override
  public byte[] whole(byte[] chat) {
    return next.whole(priced(chat));
  }

  @Override
  public List<SseEvent> event(SseEvent chat, boolean usageOnly) {
    return next.event(usageOnly ? SseEvent.of(chat.name(), priced(chat.data())) : chat, usageOnly);
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
