package org.embedllm.factorization;

/// A fitted factorization and the history of its training.
public record TrainingResult(MatrixFactorization model, TrainingHistory history) {}
