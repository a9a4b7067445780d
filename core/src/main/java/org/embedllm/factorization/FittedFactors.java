package org.embedllm.factorization;

/// Fitted parameters over plain features and the history of the training.
public record FittedFactors(Factors factors, TrainingHistory history) {}
