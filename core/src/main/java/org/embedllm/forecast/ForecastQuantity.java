package org.embedllm.forecast;

/// What a pool's probabilities are.
public enum ForecastQuantity {
  /// The probability of a right answer.
  CORRECTNESS("correctness", "P(correct)", "right", "accuracy"),
  /// The probability of being preferred over an average model of the pool, learned from votes.
  PREFERENCE("preference", "P(preferred)", "preferred", "share won");

  private final String label;
  private final String heading;
  private final String adjective;
  private final String share;

  ForecastQuantity(String label, String heading, String adjective, String share) {
    this.label = label;
    this.heading = heading;
    this.adjective = adjective;
    this.share = share;
  }

  /// The name in JSON.
  public String label() {
    return label;
  }

  /// The name of a column of probabilities.
  public String heading() {
    return heading;
  }

  /// What the better answers are: right, or preferred.
  public String adjective() {
    return adjective;
  }

  /// The name of a share of questions: of those answered correctly, or of those won, which takes at
  /// least half of the votes on a question.
  public String share() {
    return share;
  }
}
