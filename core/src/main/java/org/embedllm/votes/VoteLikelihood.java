package org.embedllm.votes;

import org.embedllm.correctness.Vote;

/// The probability of a vote, given how much the first model's logit is above the second's.
///
/// Ties follow Davidson (1970). With Δ = scale · difference + position bias,
///
///     P(first) : P(second) : P(tie) = exp(Δ / 2) : exp(−Δ / 2) : tie
///
/// This is a multinomial logit model: its logarithm is concave in Δ and ln tie together, and a tie
/// is worth half a win. Without ties it is the model of Bradley and Terry (1952).
///
/// @param scale s, positive: what a difference of one logit counts in votes
/// @param positionBias β, added to Δ: positive where voters prefer the first answer
/// @param tie ν, 0 where votes have no ties
public record VoteLikelihood(double scale, double positionBias, double tie) {
  /// No bias, no ties, and a scale of 1.
  public static final VoteLikelihood PLAIN = new VoteLikelihood(1, 0, 0);

  public VoteLikelihood {
    if (!(scale > 0) || !Double.isFinite(positionBias) || !(tie >= 0)) {
      throw new IllegalArgumentException(
          "a scale is positive and a tie not negative; got %s, %s, %s"
              .formatted(scale, positionBias, tie));
    }
  }

  /// Probabilities of the three outcomes.
  ///
  /// @param first that the first model wins
  /// @param second that the second model wins
  /// @param tie that it is a tie
  public record Outcomes(double first, double second, double tie) {
    /// The expected points of the first model: a win counts 1, a tie one half.
    public double points() {
      return first + tie / 2;
    }

    /// The variance of these points.
    double variance() {
      double points = points();
      return first + tie / 4 - points * points;
    }

    /// The covariance of points and ties.
    double covariance() {
      return tie / 2 - points() * tie;
    }

    /// The probability of a vote as it was given.
    public double of(Vote.Winner winner) {
      return switch (winner) {
        case MODEL_A -> first;
        case MODEL_B -> second;
        case TIE, BOTH_BAD -> tie;
      };
    }
  }

  /// The outcomes of a vote.
  ///
  /// @param difference z_first − z_second, in logits
  public Outcomes outcomes(double difference) {
    double delta = scale * difference + positionBias;
    double smaller = Math.exp(-Math.abs(delta)); // of the weaker model, where the stronger has 1
    double even = tie * Math.exp(-Math.abs(delta) / 2);
    double sum = 1 + smaller + even;
    return delta >= 0
        ? new Outcomes(1 / sum, smaller / sum, even / sum)
        : new Outcomes(smaller / sum, 1 / sum, even / sum);
  }

  /// The points of the first model: 1, one half or 0.
  public static double points(Vote.Winner winner) {
    return switch (winner) {
      case MODEL_A -> 1;
      case MODEL_B -> 0;
      case TIE, BOTH_BAD -> 0.5;
    };
  }

  static boolean isTie(Vote.Winner winner) {
    return winner == Vote.Winner.TIE || winner == Vote.Winner.BOTH_BAD;
  }
}
