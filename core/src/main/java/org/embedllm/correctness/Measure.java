package org.embedllm.correctness;

/// What is measured of one model's answer to one question, beside its score.
public enum Measure {
  /// Tokens of the prompt.
  INPUT_TOKENS("input_tokens"),
  /// Tokens of the answer, those of its reasoning included where the source counts them.
  OUTPUT_TOKENS("output_tokens"),
  /// What the call cost, in USD.
  COST("cost"),
  /// How long the call took, in seconds.
  SECONDS("latency"),
  /// How many answers stand behind a mean score.
  REPEATS("weight"),
  /// How far the scores of these answers are apart: their sample variance (divided by one less than
  /// their number).
  SCORE_VARIANCE("score_variance");

  private final String column;

  Measure(String column) {
    this.column = column;
  }

  /// Name of its column in tables and of its tensor in files.
  public String column() {
    return column;
  }
}
