package org.embedllm.factorization;

/// A fitted factorization and how it came about.
public record TrainingResult(MatrixFactorization model, TrainingHistory history) {}
