package org.embedllm.gateway.store;

import java.time.Instant;

/// A client's vote: which of two models answered a prompt better.
///
/// @param decision id of the decision whose prompt it is
/// @param at when it came
/// @param better the model that is preferred
/// @param worse the other one
public record ClientVote(String decision, Instant at, String better, String worse) {}
