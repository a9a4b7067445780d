package org.embedllm.correctness;

import java.util.Optional;

/// What an answer takes, as logs report it.
public enum UsageQuantity {
  /// Tokens of the prompt.
  INPUT_TOKENS("input_tokens"),
  /// Tokens of the answer.
  OUTPUT_TOKENS("output_tokens"),
  /// USD of the call.
  COST("cost"),
  /// Seconds from the request to the first token of the answer.
  FIRST_TOKEN_SECONDS("first_token_seconds"),
  /// Seconds from the request to the end of the answer.
  SECONDS("seconds");

  private final String label;

  UsageQuantity(String label) {
    this.label = label;
  }

  /// Its name in files.
  public String label() {
    return label;
  }

  /// The measure of a data set's cells that says it; empty where none does.
  Optional<Measure> measure() {
    return switch (this) {
      case INPUT_TOKENS -> Optional.of(Measure.INPUT_TOKENS);
      case OUTPUT_TOKENS -> Optional.of(Measure.OUTPUT_TOKENS);
      case COST -> Optional.of(Measure.COST);
      case SECONDS -> Optional.of(Measure.SECONDS);
      case FIRST_TOKEN_SECONDS -> Optional.empty();
    };
  }
}
