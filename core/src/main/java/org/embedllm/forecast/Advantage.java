package org.embedllm.forecast;

/// By how much a model is more often right than another one on questions like one question.
///
/// @param over the other model
/// @param points difference of the probabilities in percentage points
/// @param low lower end of its 95 % interval, in points; NaN where none is known
/// @param high upper end; NaN where none is known
public record Advantage(String over, double points, double low, double high) {}
