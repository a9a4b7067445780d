package org.embedllm.forecast;

/// What a pool's probabilities are.
public enum ForecastQuantity {
  /// The probability of a right answer.
  CORRECTNESS("correctness", "P(correct)"),
  /// The probability of being preferred over an average model of the pool, learned from votes.
  PREFERENCE("preference", "P(preferred)");

  private final String label;
  private final String heading;

  ForecastQuantity(String label, String heading) {
    this.label = label;
    this.heading = heading;
  }

  /// The name in JSON.
  public String label() {
    return label;
  }

  /// The name of a column of probabilities.
  public String heading() {
    return heading;
  }
}
