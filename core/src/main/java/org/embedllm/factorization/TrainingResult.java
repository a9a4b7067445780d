package org.embedllm.factorization;

import java.util.List;
import java.util.Map;
import org.embedllm.tensor.FloatMatrix;

/// A fitted model and how it came about.
///
/// @param model the fitted factorization
/// @param history how training went
/// @param tensors what a model file keeps beside the factorization, by name
/// @param notes further metadata that a model file keeps, by name
/// @param choices what the training chose for itself, by name, for people to read
public record TrainingResult(
    MatrixFactorization model,
    TrainingHistory history,
    Map<String, FloatMatrix> tensors,
    Map<String, String> notes,
    Map<String, List<Double>> choices) {
  public TrainingResult {
    tensors = Map.copyOf(tensors);
    notes = Map.copyOf(notes);
    choices = Map.copyOf(choices);
  }

  /// A factorization with nothing beside it.
  public TrainingResult(MatrixFactorization model, TrainingHistory history) {
    this(model, history, Map.of(), Map.of(), Map.of());
  }
}
