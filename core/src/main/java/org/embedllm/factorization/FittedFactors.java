package org.embedllm.factorization;

/// Fitted parameters over plain features and how they came about.
public record FittedFactors(Factors factors, TrainingHistory history) {}
