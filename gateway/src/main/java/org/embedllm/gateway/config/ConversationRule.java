package org.embedllm.gateway.config;

import java.time.Duration;

/// When a conversation changes its model.
///
/// @param sticky whether conversations are recognized at all
/// @param switchingCost by how much more likely to be right another model must be, in [0, 1]
/// @param cacheDiscount part of the input price that the conversation's own model saves by its
///   prompt cache, in [0, 1]
/// @param ttl how long a conversation is remembered after its last request
/// @param maxSessions most conversations remembered
public record ConversationRule(
    boolean sticky, double switchingCost, double cacheDiscount, Duration ttl, int maxSessions) {
  public static final ConversationRule DEFAULT =
      new ConversationRule(true, 0.05, 0.5, Duration.ofMinutes(60), 50_000);
}
