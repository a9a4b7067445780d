package org.embedllm.routing;

import java.util.List;

/// A routing decision: the chosen model, the ranking, and the reason.
///
/// @param model the chosen model
/// @param reason one sentence for people
/// @param ranking all candidates, the best by the policy first; the first is the chosen model
/// @param abstained whether the prompt is so far from all training questions that the ranking does
///   not go by its text
public record Route(String model, String reason, List<Candidate> ranking, boolean abstained) {
  /// The beginning of the reason of a decision that does not go by the prompt.
  public static final String ABSTAINED =
      "the prompt is unlike the training questions, so models count by their results in training,"
          + " predicted where a model has none; ";

  public Route {
    ranking = List.copyOf(ranking);
  }

  /// A decision that goes by the prompt.
  public Route(String model, String reason, List<Candidate> ranking) {
    this(model, reason, ranking, false);
  }

  /// The same decision, taken without going by the prompt.
  public Route asAbstained() {
    return new Route(model, ABSTAINED + reason, ranking, true);
  }

  /// A model that could answer.
  ///
  /// @param model its name
  /// @param probability that it answers correctly, in [0, 1]; of a pool that learned from votes,
  ///   that it is preferred over an average model of the pool
  /// @param low lower end of the 95 % interval of the probability; NaN where none is known
  /// @param high upper end; NaN where none is known
  /// @param cost expected cost of this call in USD; NaN where no price is known
  /// @param seconds expected time of this call; NaN where it is not known
  public record Candidate(
      String model, double probability, double low, double high, double cost, double seconds) {
    /// A model whose time is not known.
    public Candidate(String model, double probability, double low, double high, double cost) {
      this(model, probability, low, high, cost, Double.NaN);
    }
  }
}
