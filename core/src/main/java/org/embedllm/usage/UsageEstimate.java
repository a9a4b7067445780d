package org.embedllm.usage;

/// What one answer is expected to take.
///
/// @param mean expected value, in the unit of the quantity
/// @param low lower end of the 95 % interval of a single answer
/// @param high upper end
public record UsageEstimate(double mean, double low, double high) {}
