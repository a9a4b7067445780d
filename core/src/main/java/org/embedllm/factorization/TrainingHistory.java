package org.embedllm.factorization;

import java.util.List;
import java.util.OptionalLong;

/// How a training went.
///
/// @param epochs one report for each epoch, with those before a resumption
/// @param cells observed training cells
/// @param questionsPerStep questions a step
/// @param threads that shared a step
/// @param seconds of training since it started or was resumed, without writing the model
/// @param peakMemoryBytes peak resident memory of this process so far; empty where the system does
///   not report it
public record TrainingHistory(
    List<EpochReport> epochs,
    long cells,
    int questionsPerStep,
    int threads,
    double seconds,
    OptionalLong peakMemoryBytes) {
  public TrainingHistory {
    epochs = List.copyOf(epochs);
  }

  /// A training that ends now, with this process's peak memory.
  public static TrainingHistory now(
      List<EpochReport> epochs, long cells, int questionsPerStep, int threads, double seconds) {
    return new TrainingHistory(
        epochs, cells, questionsPerStep, threads, seconds, PeakMemory.bytes());
  }
}
