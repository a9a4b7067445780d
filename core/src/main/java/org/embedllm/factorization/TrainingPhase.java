package org.embedllm.factorization;

/// A finished phase of a training.
///
/// @param name what was done
/// @param seconds it took
/// @param gigaflop the floating-point operations of its matrix products, in units of 10⁹; 0 where
///   it has none that are worth counting
public record TrainingPhase(String name, double seconds, double gigaflop) {}
