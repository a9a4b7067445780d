package org.embedllm.correctness;

import java.util.List;
import java.util.Objects;

/// What a right answer to a question is, where the source says it.
///
/// @param answer the right answer; empty where only the options are known
/// @param options the answers to choose from, in order; empty where there are none
public record Reference(String answer, List<String> options) {
  /// Nothing is known.
  public static final Reference NONE = new Reference("", List.of());

  public Reference {
    Objects.requireNonNull(answer, "answer");
    options = List.copyOf(options);
  }
}
