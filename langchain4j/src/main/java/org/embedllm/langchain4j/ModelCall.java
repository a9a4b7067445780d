package org.embedllm.langchain4j;

import java.time.Duration;
import java.util.OptionalInt;

/// One call of a model that the router chose.
///
/// @param model its name, which is the name of the route
/// @param prompt text of the last user message
/// @param inputTokens as the model reports them
/// @param outputTokens as the model reports them
/// @param duration from the request to the last token, or to the error
/// @param failed whether the call ended with an error
public record ModelCall(
    String model,
    String prompt,
    OptionalInt inputTokens,
    OptionalInt outputTokens,
    Duration duration,
    boolean failed) {}
