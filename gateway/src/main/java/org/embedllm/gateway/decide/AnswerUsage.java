package org.embedllm.gateway.decide;

/// What an answer took, as its upstream reported it.
///
/// @param tokens of the answer
/// @param cutOff whether the answer reached the request's limit of tokens
/// @param firstTokenSeconds to its first event; NaN where it did not come as a stream
/// @param seconds to its end
public record AnswerUsage(long tokens, boolean cutOff, double firstTokenSeconds, double seconds) {}
