package org.embedllm.app.ask;

/// What a model wrote, and what that took.
///
/// @param text what it wrote
/// @param inputTokens of the prompt
/// @param outputTokens of the answer, its reasoning included
/// @param usd what the call cost; NaN where it is not known
/// @param seconds from the request to the answer
/// @param cutOff whether it ended at a limit of length
record ChatAnswer(
    String text, long inputTokens, long outputTokens, double usd, double seconds, boolean cutOff) {}
