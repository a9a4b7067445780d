package org.embedllm.app.report;

import java.util.List;
import java.util.Optional;

/// What is beside every number made from simulated answers.
public final class SimulatedNote {
  private static final String PREFIX = "sim-";

  private SimulatedNote() {}

  /// The note, where all models say in their names that they are invented.
  ///
  /// @param models names
  public static Optional<String> of(List<String> models) {
    boolean simulated =
        !models.isEmpty() && models.stream().allMatch(model -> model.startsWith(PREFIX));
    return simulated
        ? Optional.of(
            "Simulated models and simulated answers: these numbers show how the program works and"
                + " say nothing about real models.")
        : Optional.empty();
  }
}
