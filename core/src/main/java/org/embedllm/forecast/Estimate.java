package org.embedllm.forecast;

/// A number measured on questions, with its interval for other questions.
///
/// @param value the number; NaN where there was nothing to measure
/// @param interval 95 %, from resampled questions
public record Estimate(double value, Interval interval) {}
